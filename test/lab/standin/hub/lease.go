package main

import (
	"net/http"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
)

const leasesPath = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"

// renew writes the node's Lease with the present time and lays the answer where kubelet's Lease requests are
// answered from. A conflict is met by reading again.
func (h *health) renew(client *kubeapi.Client) error {
	path := leasesPath + "/" + h.opts.nodeName
	h.mu.Lock()
	lease := h.lease
	h.mu.Unlock()
	var err error
	for try := 0; try < h.opts.failedRetry; try++ {
		if lease == nil {
			var created bool
			if lease, created, err = h.readOrCreate(client, path); err != nil {
				continue
			}
			if created {
				return h.keepLease(lease)
			}
		}
		var renewed kubeapi.Object
		if err = client.Do(http.MethodPut, path, "", h.stamped(client, lease), &renewed); err == nil {
			return h.keepLease(renewed)
		}
		lease = nil
	}
	return err
}

func (h *health) readOrCreate(client *kubeapi.Client, path string) (lease kubeapi.Object, created bool, err error) {
	err = client.Get(path, &lease)
	if !kubeapi.HasCode(err, http.StatusNotFound) {
		return lease, false, err
	}
	fresh := kubeapi.Object{
		"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
		"metadata": kubeapi.Object{"name": h.opts.nodeName, "namespace": "kube-node-lease"},
		"spec":     kubeapi.Object{"holderIdentity": h.opts.nodeName, "leaseDurationSeconds": 40},
	}
	err = client.Do(http.MethodPost, leasesPath, "", h.stamped(client, fresh), &lease)
	return lease, true, err
}

// stamped returns the lease with renewTime now, owned by the Node when it has no owner yet.
func (h *health) stamped(client *kubeapi.Client, lease kubeapi.Object) kubeapi.Object {
	kubeapi.Map(lease, "spec")["renewTime"] = time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00")
	metadata := kubeapi.Map(lease, "metadata")
	if owners, _ := metadata["ownerReferences"].([]any); len(owners) > 0 {
		return lease
	}
	var node kubeapi.Object
	if client.Get("/api/v1/nodes/"+h.opts.nodeName, &node) == nil {
		metadata["ownerReferences"] = []any{kubeapi.Object{
			"apiVersion": "v1", "kind": "Node", "name": h.opts.nodeName, "uid": kubeapi.Text(node, "metadata", "uid"),
		}}
	}
	return lease
}

func (h *health) keepLease(lease kubeapi.Object) error {
	lease["kind"], lease["apiVersion"] = "Lease", "coordination.k8s.io/v1"
	h.mu.Lock()
	h.lease = lease
	h.mu.Unlock()
	return h.store.put("kubelet/leases/kube-node-lease/"+h.opts.nodeName, lease)
}
