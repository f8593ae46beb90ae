package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/kubeconfig"
	"yurt-ssh-standin/internal/logs"
)

func userAgent() string { return "yurthub/" + release + " (linux/amd64) stand-in" }

// ensureCA makes pki/ca.crt hold the CA that the cluster publishes. One that is there already stays when the cluster
// cannot be asked; when it differs, even by a byte, the whole root directory goes.
func (i *identity) ensureCA() error {
	existing, readErr := os.ReadFile(i.caFile())
	published, err := publishedCA(i.opts.servers[0].String())
	switch {
	case err != nil && readErr == nil:
		logs.Errorf("cluster-info is out of reach (%v), keeping %s", err, i.caFile())
		return nil
	case err != nil:
		return err
	case readErr == nil && bytes.Equal(existing, published):
		return nil
	case readErr == nil:
		logs.Infof("%s is not the cluster's CA: emptying %s", i.caFile(), i.opts.rootDir)
		i.wipe()
	}
	if err := os.MkdirAll(i.pkiDir(), 0o755); err != nil {
		return err
	}
	return os.WriteFile(i.caFile(), published, 0o644)
}

// publishedCA reads kube-public/cluster-info as nobody and without checking the server, as the real hub does.
func publishedCA(server string) ([]byte, error) {
	transport := kubeapi.Transport(nil, nil)
	transport.TLSClientConfig.InsecureSkipVerify = true
	client := &kubeapi.Client{Server: server, UserAgent: userAgent(), HTTP: &http.Client{Transport: transport}}
	var configMap struct{ Data map[string]string }
	if err := client.Get("/api/v1/namespaces/kube-public/configmaps/cluster-info", &configMap); err != nil {
		return nil, fmt.Errorf("cluster-info: %w", err)
	}
	config, err := kubeconfig.Parse([]byte(configMap.Data["kubeconfig"]))
	if err != nil {
		return nil, err
	}
	if len(config.Clusters) != 1 {
		return nil, fmt.Errorf("cluster-info holds %d clusters", len(config.Clusters))
	}
	for _, cluster := range config.Clusters {
		return cluster.CAData, nil
	}
	return nil, nil
}

func (i *identity) ensureBootstrapFile() error {
	if content, err := os.ReadFile(i.bootstrapFile()); err == nil && len(content) > 0 {
		return nil
	}
	return i.writeBootstrapFile(i.opts.joinToken)
}

func (i *identity) writeBootstrapFile(token string) error {
	if i.opts.servers[0].Host == "" {
		return errors.New("the server address has no host")
	}
	ca, err := os.ReadFile(i.caFile())
	if err != nil {
		return err
	}
	names := kubeconfig.Names{
		Cluster: bootstrapCluster, User: bootstrapUser, Context: bootstrapUser + "@" + bootstrapCluster,
	}
	cluster := kubeconfig.Cluster{Server: i.opts.servers[0].String(), CAData: ca}
	return kubeconfig.WriteFile(i.bootstrapFile(), kubeconfig.Render(names, cluster, kubeconfig.User{Token: token}))
}

// setToken puts another join token into the bootstrap file, for a hub whose certificate has expired.
func (i *identity) setToken(token string) error { return i.writeBootstrapFile(token) }

// ensureConfFile writes yurthub.conf once: the bootstrap file's cluster with the hub's own pair.
func (i *identity) ensureConfFile() error {
	if _, err := os.Stat(i.confFile()); err == nil {
		return nil
	}
	config, err := kubeconfig.Load(i.bootstrapFile())
	if err != nil {
		return err
	}
	cluster, _, ok := config.Select()
	if !ok {
		return errors.New("bootstrap-hub.conf: its current context names no cluster")
	}
	pair := i.client.Store.CurrentPath()
	names := kubeconfig.Names{
		Cluster: "default-cluster", User: "default-auth", Context: "default-context", Namespace: "default",
	}
	return kubeconfig.WriteFile(i.confFile(), kubeconfig.Render(names, cluster,
		kubeconfig.User{CertFile: pair, KeyFile: pair}))
}

// requestClient is the identity that asks for the client certificate: the hub's own while it is valid, else the join
// token, else the kubelet.
func (i *identity) requestClient(hasCurrent bool) (*kubeapi.Client, error) {
	server := i.opts.servers[0].String()
	if hasCurrent {
		return kubeapi.FromKubeconfig(i.confFile(), server, userAgent())
	}
	config, err := kubeconfig.Load(i.bootstrapFile())
	if err != nil {
		return nil, err
	}
	if _, user, ok := config.Select(); !ok {
		return nil, errors.New("bootstrap-hub.conf: its current context names no cluster")
	} else if user.Token != "" {
		return kubeapi.FromKubeconfig(i.bootstrapFile(), server, userAgent())
	}
	logs.Infof("no join token: asking as the kubelet")
	pair, err := tls.LoadX509KeyPair(i.opts.kubeletPair, i.opts.kubeletPair)
	if err != nil {
		return nil, fmt.Errorf("kubelet pair: %w", err)
	}
	ca, err := os.ReadFile(i.opts.kubeletCA)
	if err != nil {
		logs.Errorf("kubelet CA: %v", err)
	}
	transport := kubeapi.Transport(ca, func() *tls.Certificate { return &pair })
	return &kubeapi.Client{Server: server, UserAgent: userAgent(), HTTP: &http.Client{Transport: transport}}, nil
}
