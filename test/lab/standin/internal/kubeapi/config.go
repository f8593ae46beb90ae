package kubeapi

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"yurt-ssh-standin/internal/kubeconfig"
)

const serviceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount/"

// InCluster returns a client for the pod's service account. The token is read again for every request.
func InCluster(userAgent string) (*Client, error) {
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, fmt.Errorf("not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
	}
	ca, err := os.ReadFile(serviceAccountDir + "ca.crt")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(serviceAccountDir + "token"); err != nil {
		return nil, err
	}
	return &Client{
		Server: "https://" + net.JoinHostPort(host, port), UserAgent: userAgent,
		HTTP: &http.Client{Transport: Transport(ca, nil)},
		Token: func() string {
			token, _ := os.ReadFile(serviceAccountDir + "token")
			return strings.TrimSpace(string(token))
		},
	}, nil
}

// FromKubeconfig returns a client for the current context of a kubeconfig; server, when given, replaces its address.
func FromKubeconfig(path, server, userAgent string) (*Client, error) {
	config, err := kubeconfig.Load(path)
	if err != nil {
		return nil, err
	}
	cluster, user, ok := config.Select()
	if !ok {
		return nil, fmt.Errorf("%s: its current context names no cluster", path)
	}
	if server == "" {
		server = cluster.Server
	}
	if len(cluster.CAData) == 0 && cluster.CAFile != "" {
		if cluster.CAData, err = os.ReadFile(cluster.CAFile); err != nil {
			return nil, err
		}
	}
	pair, err := clientPair(user)
	if err != nil {
		return nil, err
	}
	return &Client{
		Server: server, UserAgent: userAgent, Token: func() string { return user.Token },
		HTTP: &http.Client{Transport: Transport(cluster.CAData, func() *tls.Certificate { return pair })},
	}, nil
}

func clientPair(user kubeconfig.User) (*tls.Certificate, error) {
	var pair tls.Certificate
	var err error
	switch {
	case len(user.CertData) > 0:
		pair, err = tls.X509KeyPair(user.CertData, user.KeyData)
	case user.CertFile != "":
		pair, err = tls.LoadX509KeyPair(user.CertFile, user.KeyFile)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &pair, nil
}
