package main

import (
	"net/http"
	"net/url"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
)

// ownClient reads through the hub's own proxy, as a client of its own.
func ownClient(opts *options) *kubeapi.Client {
	return &kubeapi.Client{
		Server: "http://" + opts.proxyAddress + ":" + opts.proxyPort, UserAgent: userAgent(), HTTP: &http.Client{},
	}
}

// settingsPath lists what may hold the hub's settings.
func settingsPath(opts *options) string {
	const path = "/api/v1/namespaces/kube-system/configmaps"
	if modern() {
		return path + "?labelSelector=" +
			url.QueryEscape("openyurt.io/configmap-name in (yurt-hub-cfg, leader-hub-"+opts.nodePoolName+")")
	}
	return path + "?fieldSelector=metadata.name%3Dyurt-hub-cfg"
}

// followSettings reads the yurt-hub-cfg ConfigMap and applies its cache_agents. Without the ConfigMap, or without the
// right to read it, the default agents stay.
func followSettings(opts *options, cache *cachePolicy) {
	client := ownClient(opts)
	for {
		time.Sleep(10 * time.Second)
		var list struct {
			Items []struct {
				Metadata struct{ Name string }
				Data     map[string]string
			}
		}
		if client.Get(settingsPath(opts), &list) != nil {
			continue
		}
		for _, item := range list.Items {
			if item.Metadata.Name == "yurt-hub-cfg" {
				cache.setAgents(item.Data["cache_agents"])
			}
		}
	}
}
