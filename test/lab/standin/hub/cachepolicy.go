package main

import (
	"strconv"
	"strings"
	"sync"

	"yurt-ssh-standin/internal/kubeapi"
)

// cachePolicy decides which answers are kept, and keeps them.
type cachePolicy struct {
	store *diskCache

	mu        sync.Mutex
	agents    map[string]bool
	selectors map[string]string
}

// defaultAgents are the components whose answers are always kept.
var defaultAgents = []string{"kubelet", "kube-proxy", "flanneld", "coredns", "yurttunnel-agent", "yurthub"}

func newCachePolicy(store *diskCache) *cachePolicy {
	p := &cachePolicy{store: store, selectors: map[string]string{}}
	p.setAgents("")
	return p
}

// setAgents takes the cache_agents value of the yurt-hub-cfg ConfigMap and drops what was kept for agents that left.
func (p *cachePolicy) setAgents(list string) {
	agents := map[string]bool{}
	for _, agent := range append(strings.Split(list, ","), defaultAgents...) {
		if agent = strings.TrimSpace(agent); agent != "" {
			agents[agent] = true
		}
	}
	p.mu.Lock()
	previous := p.agents
	p.agents = agents
	p.mu.Unlock()
	for agent := range previous {
		if !agents[agent] && agent != "*" {
			p.store.remove(agent)
		}
	}
}

// keeps reports whether the answer to the request is kept. Two lists of one resource that overlap, by path or by
// selector, cannot both be: the first one wins until the hub restarts.
func (p *cachePolicy) keeps(info requestInfo, asked bool) bool {
	if !info.resourceRequest || info.component == "" || info.sub != "" && info.sub != "status" {
		return false
	}
	switch info.verb {
	case "delete", "deletecollection", "proxy":
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !asked && !p.agents[info.component] && !p.agents["*"] {
		return false
	}
	if info.verb != "list" || info.name != "" {
		return true
	}
	key := info.key()
	if selector, seen := p.selectors[key]; seen {
		return selector == info.listSelector
	}
	for other := range p.selectors {
		if len(other) != len(key) && (strings.Contains(other, key) || strings.Contains(key, other)) {
			return false
		}
	}
	p.selectors[key] = info.listSelector
	return true
}

// keepList stores the items of a list; with a name in the request only that one.
func (p *cachePolicy) keepList(info requestInfo, list kubeapi.Object) {
	kind := strings.TrimSuffix(kubeapi.Text(list, "kind"), "List")
	items, _ := list["items"].([]any)
	objects := map[string]kubeapi.Object{}
	for _, item := range items {
		object, ok := item.(map[string]any)
		if !ok {
			continue
		}
		object["kind"], object["apiVersion"] = kind, info.apiVersion()
		objects[p.objectKey(info, object)] = object
	}
	if info.name == "" {
		p.store.replace(info.key(), objects)
		return
	}
	for key, object := range objects {
		p.keepObject(key, object)
	}
}

func (p *cachePolicy) objectKey(info requestInfo, object kubeapi.Object) string {
	namespace := kubeapi.Text(object, "metadata", "namespace")
	if namespace == "" {
		namespace = info.namespace
	}
	return cacheKey(info.component, info.resource, namespace, kubeapi.Text(object, "metadata", "name"))
}

// keepObject stores the object unless it is no newer than the stored one, a Status, or a pod without a node.
func (p *cachePolicy) keepObject(key string, object kubeapi.Object) {
	kind := kubeapi.Text(object, "kind")
	if kind == "Status" || kind == "Pod" && kubeapi.Text(object, "spec", "nodeName") == "" {
		return
	}
	if stored := p.store.get(key); stored != nil && revision(object) <= revision(stored) {
		return
	}
	p.store.put(key, object)
}

// keepEvent applies one watch event.
func (p *cachePolicy) keepEvent(info requestInfo, kind string, object kubeapi.Object) {
	if kubeapi.Text(object, "metadata", "name") == "" {
		return
	}
	switch key := p.objectKey(info, object); kind {
	case "ADDED", "MODIFIED":
		p.keepObject(key, object)
	case "DELETED":
		p.store.remove(key)
	}
}

func revision(object kubeapi.Object) int {
	number, _ := strconv.Atoi(kubeapi.Text(object, "metadata", "resourceVersion"))
	return number
}
