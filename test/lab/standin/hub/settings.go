package main

import (
	"net/http"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
)

// followSettings reads the yurt-hub-cfg ConfigMap through the hub's own proxy, as a client of its own, and applies
// its cache_agents. Without the ConfigMap, or without the right to read it, the default agents stay.
func followSettings(opts *options, cache *cachePolicy) {
	client := &kubeapi.Client{
		Server: "http://" + opts.bindAddress + ":" + opts.proxyPort, UserAgent: userAgent, HTTP: &http.Client{},
	}
	for {
		time.Sleep(10 * time.Second)
		var list struct {
			Items []struct{ Data map[string]string }
		}
		path := "/api/v1/namespaces/kube-system/configmaps?fieldSelector=metadata.name%3Dyurt-hub-cfg"
		if client.Get(path, &list) == nil && len(list.Items) == 1 {
			cache.setAgents(list.Items[0].Data["cache_agents"])
		}
	}
}
