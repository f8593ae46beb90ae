package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
)

const kubernetesService = `{"metadata":{"name":"kubernetes","namespace":"default","resourceVersion":"7"},` +
	`"spec":{"clusterIP":"10.96.0.1","ports":[{"name":"https","port":443}]}}`

// fakeAPI answers the few requests of these tests; more is closed to let a watch go on.
func fakeAPI(t *testing.T, more chan struct{}) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		writer.Header().Set("Content-Type", "application/json")
		switch {
		case request.URL.Query().Get("watch") == "true":
			fmt.Fprintf(writer, `{"type":"ADDED","object":%s}`+"\n", kubernetesService)
			writer.(http.Flusher).Flush()
			<-more
		case request.URL.Path == "/api/v1/services":
			fmt.Fprintf(writer, `{"kind":"ServiceList","apiVersion":"v1","metadata":{},"items":[%s]}`, kubernetesService)
		case request.URL.Path == "/api/v1/nodes/n1":
			fmt.Fprint(writer, `{"kind":"Node","apiVersion":"v1","metadata":{"name":"n1","resourceVersion":"3"}}`)
		case request.URL.Path == leasesPath+"/n1":
			fmt.Fprint(writer, `{"metadata":{"name":"n1"},"spec":{}}`)
		default:
			writer.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// startProxy returns the address of a hub's proxy in front of the API server, and the proxy.
func startProxy(t *testing.T, api *httptest.Server, mode string) (string, *proxy) {
	opts := readOptions([]string{"--node-name=n1", "--server-addr=https://10.0.0.1:6443", "--working-mode=" + mode})
	if err := opts.validate(); err != nil {
		t.Fatal(err)
	}
	address, _ := url.Parse(api.URL)
	opts.servers = []*url.URL{address}
	identity, _ := newIdentity(opts, paceFor(time.Second))
	up := &upstream{current: identity.client.Current, asHub: http.DefaultTransport.(*http.Transport), asSender: &http.Transport{}}
	store := newDiskCache(t.TempDir())
	h := newHealth(opts, up, store, newMetrics())
	p := newProxy(opts, up, h, store, h.metrics)
	if p.local != nil {
		// these tests have no client certificate, without which an edge hub counts as cut off
		p.local.online = p.balancer.anyHealthy
	}
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		p.ServeHTTP(writer, request)
	}))
	t.Cleanup(server.Close)
	return server.URL, p
}

func ask(t *testing.T, agent, address string) *http.Response {
	request, _ := http.NewRequest(http.MethodGet, address, nil)
	request.Header.Set("User-Agent", agent)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func TestServiceIsRewrittenForTheKubeletOnly(t *testing.T) {
	address, _ := startProxy(t, fakeAPI(t, nil), "cloud")
	for agent, want := range map[string]string{"kubelet/v1.20.2": "169.254.2.1", "kubectl/v1": "10.96.0.1"} {
		var list kubeapi.Object
		json.NewDecoder(ask(t, agent, address+"/api/v1/services").Body).Decode(&list)
		item := list["items"].([]any)[0]
		if got := kubeapi.Text(item, "spec", "clusterIP"); got != want {
			t.Errorf("%s sees %s", agent, got)
		}
	}
}

func TestWatchIsFlushedEventByEvent(t *testing.T) {
	more := make(chan struct{})
	defer close(more)
	address, _ := startProxy(t, fakeAPI(t, more), "cloud")
	line := make(chan string)
	go func() {
		text, _ := bufio.NewReader(ask(t, "kubelet/v1", address+"/api/v1/services?watch=true").Body).ReadString('\n')
		line <- text
	}()
	select {
	case text := <-line:
		if !strings.Contains(text, `"clusterIP":"169.254.2.1"`) || !strings.Contains(text, `"port":10268`) {
			t.Errorf("event: %s", text)
		}
	case <-time.After(5 * time.Second):
		t.Error("the first event was held back")
	}
}

func TestEdgeNodeWithoutAPI(t *testing.T) {
	api := fakeAPI(t, nil)
	address, p := startProxy(t, api, "edge")
	p.health.servers[0].set(true)
	cached := newDiskCache(t.TempDir())
	p.cache.store = cached
	info := requestInfo{resourceRequest: true, verb: "get", version: "v1", resource: "nodes", name: "n1", component: "kubelet"}
	p.cache.keepObject(info.key(), kubeapi.Object{
		"kind": "Node", "apiVersion": "v1", "metadata": kubeapi.Object{"name": "n1", "resourceVersion": "3"},
	})
	if _, err := os.Stat(filepath.Join(cached.root, "kubelet/nodes/n1")); err != nil {
		t.Error(err)
	}
	p.health.servers[0].set(false)
	for _, c := range []struct {
		agent, path string
		status      int
	}{
		{"kubelet/v1", "/api/v1/nodes/n1", 200},
		{"kubelet/v1", "/api/v1/nodes/n2", 404},
		{"kubelet/v1", "/api/v1/pods", 404},
		{"kubelet/v1", "/api/v1/namespaces/x/configmaps", 200},
		{"curl/7", "/api/v1/nodes/n1", 400},
		{"kubelet/v1", "/healthz", 400},
		{"kubelet/v1", "/api/v1/services?watch=true", 200},
	} {
		response := ask(t, c.agent, address+c.path)
		if response.StatusCode != c.status {
			body, _ := io.ReadAll(response.Body)
			t.Errorf("%s %s: %d %s", c.agent, c.path, response.StatusCode, body)
		}
	}
}
