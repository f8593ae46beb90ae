package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"net/http"

	"yurt-ssh-standin/internal/kubeapi"
)

// LegacyUnknown is the signer that v0.6.1 asks; Kubernetes 1.22 dropped it with certificates v1beta1.
const LegacyUnknown = "kubernetes.io/legacy-unknown"

// Subject says for whom and for what a certificate is asked.
type Subject struct {
	CommonName    string
	Organizations []string
	IPs           []net.IP
	DNSNames      []string
	Usages        []string
	// Signer is LegacyUnknown when empty.
	Signer string
}

// Template returns a fresh P-256 key and a request for the subject, both as PEM.
func Template(subject Subject) (keyPEM, requestPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:     pkix.Name{CommonName: subject.CommonName, Organization: subject.Organizations},
		IPAddresses: subject.IPs, DNSNames: subject.DNSNames,
	}, key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), nil
}

// requestPaths are the collections in the order tried: v1 refuses the legacy-unknown signer.
var requestPaths = []string{
	"/apis/certificates.k8s.io/v1beta1/certificatesigningrequests",
	"/apis/certificates.k8s.io/v1/certificatesigningrequests",
}

// Submit creates the signing request and returns the path of the created object.
func Submit(client *kubeapi.Client, requestPEM []byte, subject Subject) (string, error) {
	var err error
	signer := subject.Signer
	if signer == "" {
		signer = LegacyUnknown
	}
	for _, path := range requestPaths {
		var created kubeapi.Object
		err = client.Do(http.MethodPost, path, "", kubeapi.Object{
			"kind": "CertificateSigningRequest", "apiVersion": path[len("/apis/") : len(path)-len("/certificatesigningrequests")],
			"metadata": kubeapi.Object{"generateName": "csr-"},
			"spec":     kubeapi.Object{"request": requestPEM, "signerName": signer, "usages": subject.Usages},
		}, &created)
		if err == nil {
			return path + "/" + kubeapi.Text(created, "metadata", "name"), nil
		}
		if !kubeapi.HasCode(err, http.StatusNotFound) {
			return "", err
		}
	}
	return "", err
}

// Issued is how a signing request stands.
type Issued struct {
	Certificate []byte
	Refused     string
}

// Look reads a signing request: a certificate when it was signed, Refused when it was denied or failed.
func Look(client *kubeapi.Client, path string) (Issued, error) {
	var request struct {
		Status struct {
			Certificate []byte
			Conditions  []struct{ Type, Reason, Message string }
		}
	}
	if err := client.Get(path, &request); err != nil {
		return Issued{}, err
	}
	for _, condition := range request.Status.Conditions {
		if condition.Type == "Denied" || condition.Type == "Failed" {
			return Issued{Refused: condition.Type + ": " + condition.Reason + " " + condition.Message}, nil
		}
	}
	return Issued{Certificate: request.Status.Certificate}, nil
}
