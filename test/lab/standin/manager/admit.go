package main

import (
	"fmt"
	"net/http"
	"strings"

	"yurt-ssh-standin/internal/kubeapi"
)

// refusal is why an object is not let in; patch is what is changed in one that is.
type refusal struct {
	code            int
	reason, message string
}

// request is the part of an AdmissionReview that the webhooks read.
type request struct {
	Name              string
	Operation         string
	Object, OldObject kubeapi.Object
	UserInfo          struct{ Username string }
}

// conversionAccount may change is-edge-worker, and so may a node itself.
const conversionAccount = "system:serviceaccount:kube-system:yurt-manager-yurt-node-conversion-controller"

func labelOf(object kubeapi.Object, key string) string {
	return kubeapi.Text(object, "metadata", "labels", key)
}

// nodeMutates refuses a node of a pool that does not exist.
func nodeMutates(w *webhooks, r *request) (*refusal, []any) {
	pool := labelOf(r.Object, poolLabel)
	if pool == "" {
		return nil, nil
	}
	if err := w.pools.Get(poolsPath+"/"+pool, nil); kubeapi.HasCode(err, http.StatusNotFound) {
		return &refusal{404, "NotFound", fmt.Sprintf("nodepools.apps.openyurt.io %q not found", pool)}, nil
	} else if err != nil {
		return &refusal{500, "InternalError", err.Error()}, nil
	}
	return nil, nil
}

// nodeValidates guards the two labels of a node.
func nodeValidates(_ *webhooks, r *request) (*refusal, []any) {
	var problems []string
	before, after := labelOf(r.OldObject, poolLabel), labelOf(r.Object, poolLabel)
	if before != "" && after != "" && before != after {
		problems = append(problems, poolLabel+" can only be added or removed, not modified in-place")
	}
	user := r.UserInfo.Username
	if labelOf(r.OldObject, edgeLabel) != labelOf(r.Object, edgeLabel) &&
		!strings.HasPrefix(user, "system:node:") && user != conversionAccount {
		problems = append(problems, edgeLabel+" can only be modified by YurtNodeConversionController or the node certificate process")
	}
	if len(problems) == 0 {
		return nil, nil
	}
	return &refusal{422, "Invalid", fmt.Sprintf("Node %q is invalid: metadata.labels: Forbidden: %s",
		r.Name, strings.Join(problems, ", "))}, nil
}

// poolMutates fills in what a new pool leaves out.
func poolMutates(_ *webhooks, r *request) (*refusal, []any) {
	kind := kubeapi.Text(r.Object, "spec", "type")
	if kind == "" {
		kind = "Edge"
	}
	spec := kubeapi.Object{"type": kind, "leaderElectionStrategy": "random", "leaderReplicas": 1, "poolScopeMetadata": []any{
		kubeapi.Object{"group": "", "version": "v1", "resource": "services"},
		kubeapi.Object{"group": "discovery.k8s.io", "version": "v1", "resource": "endpointslices"},
	}}
	given, _ := r.Object["spec"].(kubeapi.Object)
	for key, value := range given {
		spec[key] = value
	}
	labels := kubeapi.Object{}
	found, _ := kubeapi.Field(r.Object, "metadata", "labels").(kubeapi.Object)
	for key, value := range found {
		labels[key] = value
	}
	labels["nodepool.openyurt.io/type"] = strings.ToLower(kind)
	return nil, []any{
		kubeapi.Object{"op": "add", "path": "/spec", "value": spec},
		kubeapi.Object{"op": "add", "path": "/metadata/labels", "value": labels},
	}
}

// poolValidates refuses a change of a pool's kind, and the removal of one that has nodes.
func poolValidates(w *webhooks, r *request) (*refusal, []any) {
	forbidden := func(message string) (*refusal, []any) {
		return &refusal{403, "Forbidden", fmt.Sprintf("nodepools.apps.openyurt.io %q is forbidden: %s", r.Name, message)}, nil
	}
	if r.Operation == "DELETE" {
		if len(nodesOf(w.client, r.Name)) > 0 {
			return forbidden("metadata.name: Forbidden: cannot remove nonempty pool, please drain the pool before deleting")
		}
		return nil, nil
	}
	kind := kubeapi.Text(r.Object, "spec", "type")
	if kind != "Edge" && kind != "Cloud" {
		return &refusal{422, "Invalid", fmt.Sprintf("NodePool %q is invalid: spec.type: pool type should be Edge or Cloud", r.Name)}, nil
	}
	if r.Operation == "UPDATE" && kubeapi.Text(r.OldObject, "spec", "type") != kind {
		return forbidden("spec.type: Forbidden: pool type can't be changed")
	}
	return nil, nil
}
