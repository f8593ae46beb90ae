package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"yurt-ssh-standin/internal/kubeapi"
)

func TestBind(t *testing.T) {
	const original = "apps.openyurt.io/original-not-ready-toleration-duration"
	for _, c := range []struct {
		name             string
		annotations      kubeapi.Object
		seconds, kept    any
		wrote            bool
		wantSeconds, now any
	}{
		{"autonomous for ever", kubeapi.Object{autonomyDuration: "0"}, 10.0, nil, true, nil, "10"},
		{"autonomous for two minutes", kubeapi.Object{autonomyDuration: "2m"}, 10.0, nil, true, 120.0, "10"},
		{"of the old days", kubeapi.Object{oldAutonomy: "true"}, 10.0, nil, true, nil, "10"},
		{"done already", kubeapi.Object{autonomyDuration: "0"}, nil, "10", false, nil, nil},
		{"no longer", kubeapi.Object{}, nil, "10", true, 10.0, "10"},
		{"never was", kubeapi.Object{}, 10.0, nil, false, nil, nil},
		{"tolerates without seconds: a panic", kubeapi.Object{autonomyDuration: "0"}, nil, nil, false, nil, nil},
	} {
		var written kubeapi.Object
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			json.NewDecoder(r.Body).Decode(&written)
		}))
		toleration := kubeapi.Object{"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}
		if c.seconds != nil {
			toleration["tolerationSeconds"] = c.seconds
		}
		metadata := kubeapi.Object{"namespace": "default", "name": "p"}
		if c.kept != nil {
			metadata["annotations"] = kubeapi.Object{original: c.kept}
		}
		b := &binding{own: &kubeapi.Client{Server: server.URL, HTTP: server.Client()}}
		b.bind(kubeapi.Object{"metadata": metadata, "spec": kubeapi.Object{"tolerations": []any{toleration}}}, c.annotations)
		server.Close()
		if (written != nil) != c.wrote {
			t.Errorf("%s: wrote %v", c.name, written)
			continue
		}
		if written == nil {
			continue
		}
		tolerations, _ := kubeapi.Field(written, "spec", "tolerations").([]any)
		if got := kubeapi.Field(tolerations[0], "tolerationSeconds"); got != c.wantSeconds {
			t.Errorf("%s: seconds %v", c.name, got)
		}
		if got := kubeapi.Field(written, "metadata", "annotations", original); got != c.now {
			t.Errorf("%s: kept %v", c.name, got)
		}
	}
}

func TestEnabled(t *testing.T) {
	opts := readOptions([]string{"--controllers=-nodelifecycle,-yurtnodeconversion,*", "--metrics-addr=:10271"})
	if opts.enabled("yurt-node-conversion-controller") || !opts.enabled("nodepool-controller") {
		t.Error("a controller that is switched off, by its short name, and one that is not")
	}
	opts = readOptions([]string{"--controllers=csrapprover,nodepool,podbinding", "--disable-independent-webhooks=*"})
	if opts.enabled("yurt-node-conversion-controller") || !opts.enabled("pod-binding-controller") {
		t.Error("only those named")
	}
}

func TestNodeLabels(t *testing.T) {
	node := func(labels kubeapi.Object) kubeapi.Object {
		return kubeapi.Object{"metadata": kubeapi.Object{"name": "n", "labels": labels}}
	}
	edge, plain := node(kubeapi.Object{edgeLabel: "true", poolLabel: "p"}), node(kubeapi.Object{})
	for _, c := range []struct {
		user          string
		before, after kubeapi.Object
		refused       bool
	}{
		{"kubernetes-admin", plain, edge, true},
		{"kubernetes-admin", edge, plain, true},
		{"kubernetes-admin", edge, edge, false},
		{"kubernetes-admin", plain, node(kubeapi.Object{poolLabel: "p"}), false},
		{"kubernetes-admin", node(kubeapi.Object{poolLabel: "p"}), node(kubeapi.Object{poolLabel: "q"}), true},
		{"system:node:n", plain, edge, false},
		{conversionAccount, edge, plain, false},
	} {
		r := &request{Name: "n", Operation: "UPDATE", Object: c.after, OldObject: c.before}
		r.UserInfo.Username = c.user
		if refused, _ := nodeValidates(nil, r); (refused != nil) != c.refused {
			t.Errorf("%s %v -> %v: %v", c.user, c.before, c.after, refused)
		}
	}
}
