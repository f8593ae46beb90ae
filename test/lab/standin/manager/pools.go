package main

import (
	"net/http"
	"net/url"
	"reflect"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

const (
	poolLabel = "apps.openyurt.io/nodepool"
	edgeLabel = "openyurt.io/is-edge-worker"
	poolsPath = "/apis/apps.openyurt.io/v1beta2/nodepools"
	nodesPath = "/api/v1/nodes"
)

func nodesOf(client *kubeapi.Client, pool string) []kubeapi.Object {
	return listAll(client, nodesPath+"?labelSelector="+url.QueryEscape(poolLabel+"="+pool))
}

// countPools keeps the status of every pool: its nodes, and how many of them are Ready.
func countPools(client, own *kubeapi.Client) {
	for _, pool := range listAll(client, poolsPath) {
		name, names, ready := kubeapi.Text(pool, "metadata", "name"), []any{}, 0
		nodes := nodesOf(client, name)
		for _, node := range nodes {
			names = append(names, kubeapi.Text(node, "metadata", "name"))
			if condition := conditionOf(node, "Ready"); kubeapi.Text(condition, "status") == "True" {
				ready++
			}
		}
		before, status := kubeapi.Map(pool, "status"), kubeapi.Object{}
		for key, value := range before {
			status[key] = value
		}
		status["nodes"], status["readyNodeNum"], status["unreadyNodeNum"] =
			names, float64(ready), float64(len(nodes)-ready)
		if reflect.DeepEqual(before, status) {
			continue
		}
		pool["status"] = status
		if err := own.Do(http.MethodPut, poolsPath+"/"+name+"/status", "", pool, nil); err != nil {
			logs.Errorf("pool %s: %v", name, err)
		}
	}
}

// conditionOf returns the node's condition of that type, nil when it has none.
func conditionOf(node kubeapi.Object, kind string) kubeapi.Object {
	conditions, _ := kubeapi.Field(node, "status", "conditions").([]any)
	for _, condition := range conditions {
		if object, ok := condition.(kubeapi.Object); ok && object["type"] == kind {
			return object
		}
	}
	return nil
}
