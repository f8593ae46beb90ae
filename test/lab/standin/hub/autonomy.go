package main

import (
	"net/http"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// reportAutonomy keeps the node's condition Autonomy, whenever the kubelet reads its Node. v1.7.0 goes by the annotation
// of the old days, so that a node made autonomous by a duration reads False.
func reportAutonomy(client *kubeapi.Client, node string) {
	var object kubeapi.Object
	path := "/api/v1/nodes/" + node
	if err := client.Get(path, &object); err != nil {
		logs.V(2, "node: %v", err)
		return
	}
	status, reason, message := "False", "autonomy disabled", "The autonomy is disabled or this node is not edge node"
	if kubeapi.Text(object, "metadata", "annotations", "node.beta.openyurt.io/autonomy") == "true" &&
		kubeapi.Text(object, "metadata", "labels", "openyurt.io/is-edge-worker") != "false" {
		status, reason, message = "True", "autonomy enabled successfully", "The autonomy is enabled and it works fine"
	}
	conditions, _ := kubeapi.Field(object, "status", "conditions").([]any)
	for _, condition := range conditions {
		if kubeapi.Text(condition, "type") == "Autonomy" && kubeapi.Text(condition, "status") == status {
			return
		}
	}
	now := time.Now().UTC().Format(time.RFC3339)
	patch := kubeapi.Object{"status": kubeapi.Object{"conditions": []any{kubeapi.Object{
		"type": "Autonomy", "status": status, "reason": reason, "message": message,
		"lastHeartbeatTime": now, "lastTransitionTime": now,
	}}}}
	if err := client.Do(http.MethodPatch, path+"/status", kubeapi.StrategicPatch, patch, nil); err != nil {
		logs.Errorf("condition Autonomy: %v", err)
	}
}
