package main

import (
	"strings"
	"testing"
)

func asModern(t *testing.T) {
	before := release
	release = "v1.7.0"
	t.Cleanup(func() { release = before })
}

func TestValidateModern(t *testing.T) {
	asModern(t)
	const good = "--node-name=n --nodepool-name=p --server-addr=https://10.0.0.1:6443 --bootstrap-mode=kubeletcertificate " +
		"--node-ip=127.0.0.1"
	for _, c := range []struct{ args, problem string }{
		{good, ""},
		{good + " --namespace=kube-system --v=2 --enable-pool-service-topology", ""},
		{good + " --nodepool-name=", "--nodepool-name"},
		{good + " --server-addr=http://10.0.0.1:6443", "https"},
		{good + " --server-addr=10.0.0.1:6443", "colon"},
		{good + " --bootstrap-mode=token", "--bootstrap-file"},
		{good + " --dummy-if-name=a-name-too-long0", "--dummy-if-name"},
		{good + " --working-mode=local", "--working-mode"},
	} {
		err := readOptions(strings.Fields(c.args)).validate()
		if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
			t.Errorf("%s: %v", c.args, err)
		}
	}
}

func TestModernDefaults(t *testing.T) {
	asModern(t)
	opts := readOptions([]string{"--node-name=n", "--enable-dummy-if=false"})
	if opts.masterServiceAddr() != "127.0.0.1:10268" || opts.dummyName != "hub-dummy0" || opts.multiplexerPort != "10269" {
		t.Errorf("%+v", opts)
	}
}
