package main

import (
	"fmt"
	"net/http"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// record writes an event about a node or a pod; an event that cannot be written is only logged.
func (c *controller) record(kind, namespace, name, uid, reason, message string) {
	home := namespace
	if home == "" {
		home = "default"
	}
	now := time.Now().UTC()
	err := c.client.Do(http.MethodPost, "/api/v1/namespaces/"+home+"/events", "", kubeapi.Object{
		"kind": "Event", "apiVersion": "v1",
		"metadata":       kubeapi.Object{"name": fmt.Sprintf("%s.%x", name, now.UnixNano()), "namespace": home},
		"involvedObject": kubeapi.Object{"kind": kind, "namespace": namespace, "name": name, "uid": uid},
		"reason":         reason, "message": message, "type": "Normal", "count": 1,
		"source":         kubeapi.Object{"component": "node-controller"},
		"firstTimestamp": now.Format(time.RFC3339), "lastTimestamp": now.Format(time.RFC3339),
	}, nil)
	if err != nil {
		logs.V(2, "event %s of %s: %v", reason, name, err)
	}
}
