package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
	"yurt-ssh-standin/internal/pki"
)

// serverManager asks for the certificate of the https proxy as v0.6.1 does.
func serverManager(opts *options, identity *identity) *pki.Manager {
	return &pki.Manager{
		Store: pki.Store{Dir: identity.pkiDir(), Prefix: "yurthub-server"},
		Subject: pki.Subject{
			CommonName: "kube-apiserver-kubelet-client", Organizations: []string{"system:masters", hubOrganization},
			IPs:    []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP(opts.dummyIP)},
			Usages: []string{"key encipherment", "digital signature", "server auth"},
		},
		Client: func(bool) (*kubeapi.Client, error) {
			return kubeapi.FromKubeconfig(identity.confFile(), opts.servers[0].String(), userAgent())
		},
	}
}

// serverTLS starts the manager and returns the TLS settings that serve its certificate. It waits without limit; a
// certificate that is on disk already costs one poll.
func serverTLS(manager *pki.Manager, caFile string, pace pace) (*tls.Config, error) {
	manager.Start()
	poll := pace.poll
	if manager.Current() != nil {
		poll = pace.restart
	}
	for time.Sleep(poll); manager.Current() == nil; time.Sleep(poll) {
		logs.Infof("the server certificate is not there yet")
	}
	return servedBy(manager, caFile)
}

// servedBy serves whatever certificate the manager has; clients may show one of the CA's, and need not.
func servedBy(manager *pki.Manager, caFile string) (*tls.Config, error) {
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(ca)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ClientCAs: clients, ClientAuth: tls.VerifyClientCertIfGiven,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if current := manager.Current(); current != nil {
				return current, nil
			}
			return nil, errors.New("no server certificate")
		},
	}, nil
}
