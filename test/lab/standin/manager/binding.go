package main

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

const (
	oldAutonomy      = "node.beta.openyurt.io/autonomy"
	autonomyDuration = "node.openyurt.io/autonomy-duration"
)

// originals are the annotations that keep what a pod tolerated before, by taint.
var originals = map[string]string{
	"node.kubernetes.io/not-ready":   "apps.openyurt.io/original-not-ready-toleration-duration",
	"node.kubernetes.io/unreachable": "apps.openyurt.io/original-unreachable-toleration-duration",
}

// binding makes the pods of an autonomous node tolerate its silence. It acts when the annotation of a node changes that
// is an edge worker at that moment, and when a pod is new: a node that loses its label first leaves its pods tolerating.
type binding struct {
	client, own *kubeapi.Client
	nodes       map[string]string
	pods        map[string]bool
}

func newBinding(client *kubeapi.Client) *binding {
	return &binding{client: client, own: as(client, "pod-binding-controller"), pods: map[string]bool{}}
}

func (b *binding) look() {
	first, seen := b.nodes == nil, map[string]string{}
	for _, node := range listAll(b.client, nodesPath) {
		name := kubeapi.Text(node, "metadata", "name")
		annotations, _ := kubeapi.Field(node, "metadata", "annotations").(kubeapi.Object)
		if seen[name] = setting(annotations); kubeapi.Text(node, "metadata", "labels", edgeLabel) != "true" {
			continue
		}
		changed := !first && b.nodes[name] != seen[name]
		for _, pod := range listAll(b.client, "/api/v1/pods?fieldSelector="+url.QueryEscape("spec.nodeName="+name)) {
			uid := kubeapi.Text(pod, "metadata", "uid")
			if (changed || !b.pods[uid]) && !ownedByNode(pod) {
				b.bind(pod, annotations)
			}
			b.pods[uid] = true
		}
	}
	if len(seen) > 0 {
		b.nodes = seen
	}
}

func setting(annotations kubeapi.Object) string {
	old, _ := annotations[oldAutonomy].(string)
	duration, _ := annotations[autonomyDuration].(string)
	return old + "/" + duration
}

// autonomous returns whether the node is, and for how many seconds its pods tolerate that; nil is for ever.
func autonomous(annotations kubeapi.Object) (bool, any) {
	if annotations[oldAutonomy] == "true" || annotations["apps.openyurt.io/binding"] == "true" {
		return true, nil
	}
	text, found := annotations[autonomyDuration].(string)
	if !found {
		return false, nil
	}
	if text == "0" {
		return true, nil
	}
	duration, err := time.ParseDuration(text)
	if err != nil {
		return false, nil
	}
	if duration <= 0 {
		return true, nil
	}
	return true, duration.Seconds()
}

// bind writes the pod's tolerations. One that tolerates without seconds makes the real one panic, and recover; the pod
// is then left alone for ever.
func (b *binding) bind(pod, annotations kubeapi.Object) {
	isAutonomous, seconds := autonomous(annotations)
	metadata := kubeapi.Map(pod, "metadata")
	name := kubeapi.Text(pod, "metadata", "namespace") + "/pods/" + kubeapi.Text(pod, "metadata", "name")
	tolerations, _ := kubeapi.Field(pod, "spec", "tolerations").([]any)
	changed := false
	for _, entry := range tolerations {
		toleration, _ := entry.(kubeapi.Object)
		key, _ := toleration["key"].(string)
		original := originals[key]
		if original == "" || toleration["effect"] != "NoExecute" {
			continue
		}
		kept := kubeapi.Text(pod, "metadata", "annotations", original)
		before, limited := toleration["tolerationSeconds"].(float64)
		switch {
		case isAutonomous && kept == "" && !limited:
			logs.Errorf("Observed a panic: %s tolerates %s without seconds", name, key)
			return
		case isAutonomous:
			if kept == "" {
				kubeapi.Map(metadata, "annotations")[original] = strconv.Itoa(int(before))
			}
			changed = changed || kept == "" || toleration["tolerationSeconds"] != seconds
			if toleration["tolerationSeconds"] = seconds; seconds == nil {
				delete(toleration, "tolerationSeconds")
			}
		case kept != "":
			number, err := strconv.Atoi(kept)
			changed = changed || err == nil && before != float64(number)
			if err == nil {
				toleration["tolerationSeconds"] = float64(number)
			}
		}
	}
	if !changed {
		return
	}
	if err := b.own.Do(http.MethodPut, "/api/v1/namespaces/"+name, "", pod, nil); err != nil {
		logs.Errorf("%s: %v", name, err)
	}
}

// ownedByNode reports pods that stay with their node in any case: of a DaemonSet, or static.
func ownedByNode(pod kubeapi.Object) bool {
	owners, _ := kubeapi.Field(pod, "metadata", "ownerReferences").([]any)
	for _, owner := range owners {
		if kubeapi.Text(owner, "kind") == "DaemonSet" {
			return true
		}
	}
	return kubeapi.Text(pod, "metadata", "annotations", "kubernetes.io/config.mirror") != ""
}
