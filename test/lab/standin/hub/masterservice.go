package main

import (
	"net"
	"strconv"

	"yurt-ssh-standin/internal/kubeapi"
)

// masterService rewrites the address of the kubernetes Service in what the kubelet reads, so that containers it
// starts afterwards reach the API where the hub wants them to. Nil leaves answers alone.
type masterService struct {
	host string
	port int
}

func newMasterService(opts *options) *masterService {
	if !opts.filterEnabled(masterServiceFilter) {
		return nil
	}
	host, port, _ := net.SplitHostPort(opts.masterServiceAddr())
	number, _ := strconv.Atoi(port)
	return &masterService{host: host, port: number}
}

// applies reports whether the answer to the request may hold the Service: only kubelet's lists and watches.
func (m *masterService) applies(info requestInfo) bool {
	return m != nil && info.component == "kubelet" && info.resource == "services" &&
		(info.verb == "list" || info.verb == "watch")
}

// rewrite changes the Service in place and reports whether this is the one.
func (m *masterService) rewrite(service any) bool {
	if kubeapi.Text(service, "metadata", "namespace") != "default" ||
		kubeapi.Text(service, "metadata", "name") != "kubernetes" {
		return false
	}
	spec, ok := kubeapi.Field(service, "spec").(map[string]any)
	if !ok {
		return false
	}
	spec["clusterIP"] = m.host
	ports, _ := spec["ports"].([]any)
	for _, port := range ports {
		if entry, ok := port.(map[string]any); ok && entry["name"] == "https" {
			entry["port"] = m.port
			break
		}
	}
	return true
}

func (m *masterService) rewriteList(list kubeapi.Object) {
	items, _ := list["items"].([]any)
	for _, item := range items {
		if m.rewrite(item) {
			return
		}
	}
}
