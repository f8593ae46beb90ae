package main

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	const node, server = "--node-name=n", "--server-addr=https://10.0.0.1:6443"
	for _, c := range []struct{ args, problem, service string }{
		{node + " " + server, "", "169.254.2.1:10268"},
		{node + " " + server + ",https://10.0.0.2:6443", "", "169.254.2.1:10268"},
		{node + " " + server + " --enable-dummy-if=false", "", "127.0.0.1:10268"},
		{node + " " + server + " --enable-dummy-if=false --access-server-through-hub=false", "", "10.0.0.1:6443"},
		{"--node-name n --server-addr https://10.0.0.1:6443 -v 2 --enable-dummy-if", "", "169.254.2.1:10268"},
		{server, "--node-name", ""},
		{node, "--server-addr", ""},
		{node + " --server-addr=10.0.0.1:6443", "colon", ""},
		{node + " --server-addr=name:6443", "https", ""},
		{node + " --server-addr=http://10.0.0.1:6443", "https", ""},
		{node + " " + server + " --working-mode=both", "--working-mode", ""},
		{node + " --server-addr=https://10.0.0.1 --access-server-through-hub=false", "missing port", ""},
		{node + " " + server + " --dummy-if-ip=10.0.0.9", "--dummy-if-ip", ""},
	} {
		opts := readOptions(strings.Fields(c.args))
		switch err := opts.validate(); {
		case c.problem == "" && err != nil:
			t.Errorf("%s: %v", c.args, err)
		case c.problem == "":
			if got := opts.masterServiceAddr(); got != c.service {
				t.Errorf("%s: service at %s", c.args, got)
			}
		case err == nil || !strings.Contains(err.Error(), c.problem):
			t.Errorf("%s: %v", c.args, err)
		}
	}
}

func TestRules(t *testing.T) {
	count, commented := map[string]int{}, 0
	for _, rule := range iptablesRules("169.254.2.1", "10261", "10268") {
		count[rule.table+" "+rule.chain]++
		if strings.Contains(strings.Join(rule.match, " "), "--comment") {
			commented++
		}
	}
	if count["raw PREROUTING"] != 4 || count["raw OUTPUT"] != 8 || count["filter INPUT"] != 4 ||
		count["filter OUTPUT"] != 4 || commented != 2 {
		t.Errorf("rules: %v, %d with a comment", count, commented)
	}
}
