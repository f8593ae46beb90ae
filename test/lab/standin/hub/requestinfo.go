package main

import (
	"net/http"
	"net/url"
	"strings"
)

// requestInfo is what a Kubernetes API path means.
type requestInfo struct {
	resourceRequest                          bool
	verb, group, version, resource, sub      string
	namespace, name, component, listSelector string
	// client is what the metrics call it: the component, in v1.7.0 the whole user agent.
	client string
}

var namespaceSubresources = map[string]bool{"status": true, "finalize": true}

// infoOf reads method, path, query and user agent. The component is the user agent up to its first slash, in lower
// case, and only resource requests have one.
func infoOf(request *http.Request) requestInfo {
	info := requestInfo{verb: strings.ToLower(request.Method)}
	parts := strings.Split(strings.Trim(request.URL.Path, "/"), "/")
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		info.version, parts = parts[1], parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		info.group, info.version, parts = parts[1], parts[2], parts[3:]
	default:
		return info
	}
	info.resourceRequest = true
	prefix := ""
	if parts[0] == "watch" || parts[0] == "proxy" {
		if prefix, parts = parts[0], parts[1:]; len(parts) == 0 {
			return requestInfo{verb: info.verb}
		}
	}
	if parts[0] == "namespaces" && len(parts) > 2 && !namespaceSubresources[parts[2]] {
		info.namespace, parts = parts[1], parts[2:]
	}
	info.resource = parts[0]
	if len(parts) > 1 {
		info.name = parts[1]
	}
	if len(parts) > 2 {
		info.sub = parts[2]
	}
	query := request.URL.Query()
	info.verb = verbOf(request.Method, info.name, prefix, query)
	if info.verb == "list" || info.verb == "watch" || info.verb == "deletecollection" {
		if info.name == "" {
			info.name = selectedName(query.Get("fieldSelector"))
		}
	}
	if info.verb == "list" && info.name == "" {
		info.listSelector = strings.Trim(query.Get("labelSelector")+"&"+query.Get("fieldSelector"), "&")
	}
	component, _, _ := strings.Cut(request.Header.Get("User-Agent"), "/")
	info.component = strings.ToLower(component)
	if info.client = info.component; modern() {
		info.client = strings.ToLower(request.Header.Get("User-Agent"))
	}
	return info
}

func verbOf(method, name, prefix string, query url.Values) string {
	if prefix != "" {
		return prefix
	}
	switch method {
	case http.MethodPost:
		return "create"
	case http.MethodPut:
		return "update"
	case http.MethodPatch:
		return "patch"
	case http.MethodDelete:
		if name == "" {
			return "deletecollection"
		}
		return "delete"
	}
	if watch := query.Get("watch"); watch == "true" || watch == "1" {
		return "watch"
	}
	if name == "" {
		return "list"
	}
	return "get"
}

// selectedName returns the name that a field selector asks for, "" when it asks for something else.
func selectedName(selector string) string {
	for _, term := range strings.Split(selector, ",") {
		if name, ok := cutPrefix(strings.Replace(term, "==", "=", 1), "metadata.name="); ok {
			return name
		}
	}
	return ""
}

// cutPrefix is strings.CutPrefix, which Go 1.19 lacks.
func cutPrefix(text, prefix string) (string, bool) {
	return strings.TrimPrefix(text, prefix), strings.HasPrefix(text, prefix)
}

// apiVersion is the group/version as objects carry it.
func (i requestInfo) apiVersion() string {
	if i.group == "" {
		return i.version
	}
	return i.group + "/" + i.version
}

// key is where the answer lies in the cache: component/resource[/namespace][/name].
func (i requestInfo) key() string { return cacheKey(i.component, i.resource, i.namespace, i.name) }

func cacheKey(parts ...string) string {
	var filled []string
	for _, part := range parts {
		if part != "" {
			filled = append(filled, part)
		}
	}
	return strings.Join(filled, "/")
}

// kubeletLease reports whether the kubelet asks for a Lease: those never leave an edge node.
func (i requestInfo) kubeletLease() bool { return i.component == "kubelet" && i.resource == "leases" }

// poolScoped reports whether the hub of v1.7.0 answers from what it reads itself, whoever asks.
func (i requestInfo) poolScoped() bool {
	if !modern() || i.verb != "list" && i.verb != "watch" {
		return false
	}
	return i.resource == "services" && i.group == "" || i.resource == "endpointslices" && i.group == "discovery.k8s.io"
}

// kubeletNode reports whether the kubelet reads its Node.
func (i requestInfo) kubeletNode() bool {
	return i.component == "kubelet" && i.resource == "nodes" && i.verb == "get"
}
