package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
)

// localAnswers serves an edge node while no API server is healthy, and the kubelet's Lease requests at any time.
type localAnswers struct {
	cache  *cachePolicy
	online func() bool
}

func (l *localAnswers) serve(writer http.ResponseWriter, request *http.Request, info requestInfo) {
	_, kept := contextOf(request)
	switch {
	case !info.resourceRequest:
		writeStatus(writer, http.StatusBadRequest, "BadRequest", "the API is away and this cannot be cached", info)
	case info.verb == "watch":
		l.watch(writer, request)
	case info.verb == "create":
		l.create(writer, request, info)
	case info.verb == "delete" || info.verb == "deletecollection":
		writeStatus(writer, http.StatusForbidden, "Forbidden", "nothing can be deleted while the API is away", info)
	case !kept:
		writeStatus(writer, http.StatusBadRequest, "BadRequest", "answers to this client are not cached", info)
	default:
		if object, found := l.cache.answer(info); found {
			writeJSON(writer, http.StatusOK, object)
			return
		}
		writeStatus(writer, http.StatusNotFound, "NotFound",
			fmt.Sprintf("%s %q is not in the cache", info.resource, info.name), info)
	}
}

// watch holds an empty watch open until it times out or an API server is back.
func (l *localAnswers) watch(writer http.ResponseWriter, request *http.Request) {
	contentType, _, _ := strings.Cut(request.Header.Get("Accept"), ",")
	writer.Header().Set("Content-Type", contentType)
	writer.WriteHeader(http.StatusOK)
	if flusher, ok := writer.(http.Flusher); ok {
		flusher.Flush()
	}
	seconds, _ := strconv.Atoi(request.URL.Query().Get("timeoutSeconds"))
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); {
		select {
		case <-request.Context().Done():
			return
		case <-time.After(2 * time.Second):
			if l.online() {
				return
			}
		}
	}
}

// create pretends that the object was created by sending it back; events are kept.
func (l *localAnswers) create(writer http.ResponseWriter, request *http.Request, info requestInfo) {
	content, _ := io.ReadAll(request.Body)
	var object kubeapi.Object
	if info.resource == "events" && json.Unmarshal(content, &object) == nil {
		info.name = kubeapi.Text(object, "metadata", "name")
		l.cache.keepObject(info.key(), object)
	}
	writer.Header().Set("Content-Type", request.Header.Get("Content-Type"))
	writer.WriteHeader(http.StatusCreated)
	io.Copy(writer, bytes.NewReader(content))
}

// listKinds are the kinds of resources that can be listed as empty.
var listKinds = map[string]string{
	"configmaps": "ConfigMap", "csidrivers": "CSIDriver", "csinodes": "CSINode", "endpoints": "Endpoints",
	"endpointslices": "EndpointSlice", "nodepools": "NodePool", "events": "Event", "leases": "Lease", "namespaces": "Namespace",
	"nodes": "Node", "persistentvolumeclaims": "PersistentVolumeClaim", "persistentvolumes": "PersistentVolume",
	"pods": "Pod", "runtimeclasses": "RuntimeClass", "secrets": "Secret", "services": "Service",
	"serviceaccounts": "ServiceAccount", "volumeattachments": "VolumeAttachment",
}

// answer returns the cached object or list. An empty list of pods is no answer: the kubelet would remove its pods.
func (p *cachePolicy) answer(info requestInfo) (kubeapi.Object, bool) {
	if info.verb != "list" {
		object := p.store.get(info.key())
		return object, object != nil
	}
	objects := p.store.list(info.key())
	kind := listKinds[info.resource]
	if len(objects) > 0 {
		kind = kubeapi.Text(objects[0], "kind")
	}
	if kind == "" || len(objects) == 0 && info.component == "kubelet" && info.resource == "pods" {
		return nil, false
	}
	newest, items := 0, []any{}
	for _, object := range objects {
		if at := revision(object); at > newest {
			newest = at
		}
		items = append(items, object)
	}
	return kubeapi.Object{
		"kind": kind + "List", "apiVersion": info.apiVersion(), "items": items,
		"metadata": kubeapi.Object{"resourceVersion": strconv.Itoa(newest)},
	}, true
}

func writeJSON(writer http.ResponseWriter, status int, object kubeapi.Object) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	json.NewEncoder(writer).Encode(object)
}

func writeStatus(writer http.ResponseWriter, code int, reason, message string, info requestInfo) {
	writeJSON(writer, code, kubeapi.Object{
		"kind": "Status", "apiVersion": "v1", "metadata": kubeapi.Object{}, "status": "Failure",
		"message": message, "reason": reason, "code": code,
		"details": kubeapi.Object{"name": info.name, "group": info.group, "kind": info.resource},
	})
}
