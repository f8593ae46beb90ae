package main

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// as returns a client that writes as the ServiceAccount of one controller. The manager's own account only lists and
// watches, and asks for the tokens.
func as(client *kubeapi.Client, controller string) *kubeapi.Client {
	account := &account{client: client, name: "yurt-manager-" + controller}
	own := *client
	// without the manager's own client certificate, where it has one, only the token counts
	transport := client.HTTP.Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.GetClientCertificate = nil
	own.HTTP, own.Token = &http.Client{Transport: transport}, account.token
	return &own
}

// account keeps a token of a ServiceAccount for half of its hour.
type account struct {
	client *kubeapi.Client
	name   string
	mu     sync.Mutex
	held   string
	until  time.Time
}

func (a *account) token() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Now().Before(a.until) {
		return a.held
	}
	var answer kubeapi.Object
	path := "/api/v1/namespaces/kube-system/serviceaccounts/" + a.name + "/token"
	err := a.client.Do(http.MethodPost, path, "", kubeapi.Object{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": kubeapi.Object{"expirationSeconds": 3600},
	}, &answer)
	if err != nil {
		logs.Errorf("no token of %s: %v", a.name, err)
		return ""
	}
	a.held, a.until = strings.TrimSpace(kubeapi.Text(answer, "status", "token")), time.Now().Add(30*time.Minute)
	return a.held
}
