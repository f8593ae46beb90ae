package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
)

const (
	secretPath  = "/api/v1/namespaces/kube-system/secrets/yurt-manager-webhook-certs"
	webhookHost = "yurt-manager-webhook-service.kube-system.svc"
)

// ensureCertificate returns the webhooks' certificate and its CA out of the Secret, which must exist; an empty one is
// filled.
func ensureCertificate(client *kubeapi.Client) (tls.Certificate, []byte, error) {
	var secret kubeapi.Object
	if err := client.Get(secretPath, &secret); err != nil {
		return tls.Certificate{}, nil, err
	}
	content := func(key string) []byte {
		data, _ := base64.StdEncoding.DecodeString(kubeapi.Text(secret, "data", key))
		return data
	}
	if pair, err := tls.X509KeyPair(content("tls.crt"), content("tls.key")); err == nil {
		return pair, content("ca.crt"), nil
	}
	certPEM, keyPEM, err := selfSigned()
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	secret["data"] = map[string][]byte{"ca.crt": certPEM, "tls.crt": certPEM, "tls.key": keyPEM}
	if err := client.Do(http.MethodPut, secretPath, "", secret, nil); err != nil {
		return tls.Certificate{}, nil, err
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	return pair, certPEM, err
}

// selfSigned returns a certificate for the webhooks' Service that is its own CA, and its key, as PEM.
func selfSigned() (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: webhookHost},
		DNSNames:  []string{webhookHost, "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), err
}
