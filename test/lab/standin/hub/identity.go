package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yurt-ssh-standin/internal/kubeconfig"
	"yurt-ssh-standin/internal/logs"
	"yurt-ssh-standin/internal/pki"
)

// identity is the hub's root directory: the CA it trusts, how it bootstraps and its client certificate.
type identity struct {
	opts   *options
	client *pki.Manager
	pace   pace
}

const (
	bootstrapUser    = "token-bootstrap-client"
	bootstrapCluster = "kubernetes"
	hubOrganization  = "openyurt:yurthub"
)

func newIdentity(opts *options, pace pace) (*identity, error) {
	i := &identity{opts: opts, pace: pace}
	organizations := []string{hubOrganization, "system:nodes"}
	for _, extra := range strings.Split(opts.certOrganizations, ",") {
		if extra != "" && extra != hubOrganization && extra != "system:nodes" {
			organizations = append(organizations, extra)
		}
	}
	i.client = &pki.Manager{
		Store: pki.Store{Dir: i.pkiDir(), Prefix: "yurthub"},
		Subject: pki.Subject{
			CommonName: "system:node:" + opts.nodeName, Organizations: organizations,
			Usages: []string{"digital signature", "key encipherment", "client auth"},
		},
		Client: i.requestClient, Delay: pace.beforeFirstRequest,
	}
	return i, nil
}

func (i *identity) pkiDir() string        { return filepath.Join(i.opts.rootDir, "pki") }
func (i *identity) caFile() string        { return filepath.Join(i.pkiDir(), "ca.crt") }
func (i *identity) bootstrapFile() string { return filepath.Join(i.opts.rootDir, "bootstrap-hub.conf") }
func (i *identity) confFile() string      { return filepath.Join(i.opts.rootDir, "yurthub.conf") }

// start prepares the directory and begins to ask for the client certificate. A failure is logged and not retried:
// the hub then sits until waitForClientCertificate gives up.
func (i *identity) start() {
	if err := i.wipeWhenServerChanged(); err != nil {
		logs.Fatalf("%v", err)
	}
	if err := i.ensureCA(); err != nil {
		logs.Errorf("no CA: %v", err)
		return
	}
	if err := i.ensureBootstrapFile(); err != nil {
		logs.Errorf("no bootstrap file: %v", err)
		return
	}
	i.client.Start()
	if err := i.ensureConfFile(); err != nil {
		logs.Errorf("no hub kubeconfig: %v", err)
	}
}

func (i *identity) waitForClientCertificate(pace pace) error {
	for end := time.Now().Add(pace.giveUp); time.Now().Before(end); time.Sleep(pace.poll) {
		if i.client.Current() != nil {
			return nil
		}
		logs.Infof("the client certificate is not there yet")
	}
	return errors.New("no client certificate within four minutes")
}

// wipeWhenServerChanged empties the root directory unless its bootstrap file names the first server.
func (i *identity) wipeWhenServerChanged() error {
	config, err := kubeconfig.Load(i.bootstrapFile())
	if err == nil {
		cluster, ok := config.Clusters[bootstrapCluster]
		if !ok {
			return errors.New("bootstrap-hub.conf has no cluster named kubernetes: the real hub panics here")
		}
		if cluster.Server == i.opts.servers[0].String() {
			return nil
		}
	}
	logs.Infof("bootstrap-hub.conf is missing or for another server: emptying %s", i.opts.rootDir)
	i.wipe()
	return nil
}

func (i *identity) wipe() {
	files, _ := os.ReadDir(i.opts.rootDir)
	for _, file := range files {
		os.RemoveAll(filepath.Join(i.opts.rootDir, file.Name()))
	}
}
