package main

import (
	"net/http/httptest"
	"testing"
)

func TestInfoOf(t *testing.T) {
	for _, c := range []struct{ method, url, verb, key, sub string }{
		{"GET", "/api/v1/nodes/n1", "get", "kubelet/nodes/n1", ""},
		{"GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1", "list", "kubelet/pods", ""},
		{"GET", "/api/v1/nodes?fieldSelector=metadata.name%3Dn1", "list", "kubelet/nodes/n1", ""},
		{"GET", "/api/v1/nodes?fieldSelector=metadata.name%3Dn1&watch=true", "watch", "kubelet/nodes/n1", ""},
		{"PATCH", "/api/v1/nodes/n1/status", "patch", "kubelet/nodes/n1", "status"},
		{"GET", "/api/v1/namespaces/default", "get", "kubelet/namespaces/default", ""},
		{"GET", "/api/v1/namespaces/default/status", "get", "kubelet/namespaces/default", "status"},
		{"PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1", "update",
			"kubelet/leases/kube-node-lease/n1", ""},
		{"POST", "/api/v1/namespaces/default/events", "create", "kubelet/events/default", ""},
		{"DELETE", "/api/v1/namespaces/default/pods/p", "delete", "kubelet/pods/default/p", ""},
		{"GET", "/healthz", "get", "", ""},
	} {
		request := httptest.NewRequest(c.method, c.url, nil)
		request.Header.Set("User-Agent", "Kubelet/v1.20.2 (linux/amd64)")
		info := infoOf(request)
		if info.verb != c.verb || info.key() != c.key || info.sub != c.sub {
			t.Errorf("%s %s: %s %s %s", c.method, c.url, info.verb, info.key(), info.sub)
		}
	}
}
