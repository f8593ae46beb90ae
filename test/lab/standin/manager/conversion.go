package main

import (
	"net/http"
	"strings"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

const jobsPath = "/apis/batch/v1/namespaces/kube-system/jobs"

// conversion is the peer of yurt-ssh: a pool label without is-edge-worker starts a convert Job, the other way round a
// revert Job. Both labels in one patch start nothing.
type conversion struct {
	client, own *kubeapi.Client
	image       string
}

func newConversion(client *kubeapi.Client, opts *options) *conversion {
	return &conversion{client: client, own: as(client, "yurt-node-conversion-controller"), image: opts.servantImage}
}

// words are the reasons of the node's condition, by action and by how far it is.
var words = map[string][3]string{
	"convert": {"Converting", "Converted", "ConvertFailed"},
	"revert":  {"Reverting", "Reverted", "RevertFailed"},
}

func (c *conversion) look() {
	for _, node := range listAll(c.client, nodesPath) {
		if err := c.reconcile(node); err != nil {
			logs.Errorf("conversion of %s: %v", kubeapi.Text(node, "metadata", "name"), err)
		}
	}
}

func (c *conversion) reconcile(node kubeapi.Object) error {
	name, pool := kubeapi.Text(node, "metadata", "name"), kubeapi.Text(node, "metadata", "labels", poolLabel)
	edge := kubeapi.Text(node, "metadata", "labels", edgeLabel) == "true"
	desired := ""
	switch {
	case pool != "" && !edge:
		desired = "convert"
	case pool == "" && edge:
		desired = "revert"
	}
	var job kubeapi.Object
	err := c.own.Get(jobsPath+"/node-servant-conversion-"+name, &job)
	switch {
	case err == nil:
		return c.follow(node, job, desired)
	case !kubeapi.HasCode(err, http.StatusNotFound) || desired == "":
		return ignore(err, http.StatusNotFound)
	case desired == "convert":
		var nodePool kubeapi.Object
		if err := c.own.Get(poolsPath+"/"+pool, &nodePool); err != nil || kubeapi.Text(nodePool, "spec", "type") != "Edge" {
			return err
		}
	}
	if err := c.mark(node, desired, 0, true); err != nil {
		return err
	}
	logs.Infof("%s of %s begins", desired, name)
	return c.own.Do(http.MethodPost, jobsPath, "", jobFor(c.image, name, pool, desired), nil)
}

// follow keeps the node's state beside its Job; a Job of the other action is removed once it has ended.
func (c *conversion) follow(node, job kubeapi.Object, desired string) error {
	containers, _ := kubeapi.Field(job, "spec", "template", "spec", "containers").([]any)
	action := "revert"
	if len(containers) > 0 {
		args, _ := kubeapi.Field(containers[0], "args").([]any)
		if text, _ := args[0].(string); strings.Contains(text, "entry.sh convert") {
			action = "convert"
		}
	}
	succeeded, _ := kubeapi.Field(job, "status", "succeeded").(float64)
	failed := jobHas(job, "Failed")
	switch {
	case desired != "" && desired != action:
		if succeeded == 0 && !failed {
			return nil
		}
		return c.own.Do(http.MethodDelete, jobsPath+"/"+kubeapi.Text(job, "metadata", "name"), "",
			kubeapi.Object{"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}, nil)
	case failed:
		return c.mark(node, action, 2, true)
	case succeeded > 0:
		if kubeapi.Text(conditionOf(node, conditionType), "reason") == words[action][1] && desired == "" {
			return nil
		}
		var label any
		if action == "convert" {
			label = "true"
		}
		if err := c.patch(node, "", kubeapi.Object{"metadata": kubeapi.Object{"labels": kubeapi.Object{edgeLabel: label}}}); err != nil {
			return err
		}
		return c.mark(node, action, 1, false)
	}
	return c.mark(node, action, 0, true)
}

func jobHas(job kubeapi.Object, kind string) bool {
	return kubeapi.Text(conditionOf(job, kind), "status") == "True"
}

const conditionType = "YurtNodeConversionFailed"

// mark sets the node's condition and whether it is cordoned, where they are not so already.
func (c *conversion) mark(node kubeapi.Object, action string, stage int, cordoned bool) error {
	if is, _ := kubeapi.Field(node, "spec", "unschedulable").(bool); is != cordoned {
		if err := c.patch(node, "", kubeapi.Object{"spec": kubeapi.Object{"unschedulable": cordoned}}); err != nil {
			return err
		}
	}
	reason, now := words[action][stage], time.Now().UTC().Format(time.RFC3339)
	if kubeapi.Text(conditionOf(node, conditionType), "reason") == reason {
		return nil
	}
	status := "False"
	if stage == 2 {
		status = "True"
	}
	return c.patch(node, "/status", kubeapi.Object{"status": kubeapi.Object{"conditions": []any{kubeapi.Object{
		"type": conditionType, "status": status, "reason": reason, "message": action + " by the lab's stand-in",
		"lastHeartbeatTime": now, "lastTransitionTime": now,
	}}}})
}

func (c *conversion) patch(node kubeapi.Object, sub string, patch kubeapi.Object) error {
	path := nodesPath + "/" + kubeapi.Text(node, "metadata", "name") + sub
	return c.own.Do(http.MethodPatch, path, kubeapi.StrategicPatch, patch, nil)
}

func ignore(err error, code int) error {
	if kubeapi.HasCode(err, code) {
		return nil
	}
	return err
}

// jobFor is the Job that changes the host: a privileged pod with the host's root at /openyurt.
func jobFor(image, node, pool, action string) kubeapi.Object {
	command := "/usr/local/bin/entry.sh " + action + " --node-name=" + node
	if action == "convert" {
		command += " --namespace=kube-system --nodepool-name=" + pool
	}
	labels := kubeapi.Object{"openyurt.io/conversion-node": node}
	return kubeapi.Object{
		"apiVersion": "batch/v1", "kind": "Job",
		"metadata": kubeapi.Object{"name": "node-servant-conversion-" + node, "namespace": "kube-system", "labels": labels},
		"spec": kubeapi.Object{
			"backoffLimit": 3, "ttlSecondsAfterFinished": 7200,
			"template": kubeapi.Object{
				"metadata": kubeapi.Object{"labels": labels},
				"spec": kubeapi.Object{
					"hostPID": true, "hostNetwork": true, "restartPolicy": "Never", "nodeName": node,
					"tolerations": []any{kubeapi.Object{"operator": "Exists"}},
					"volumes": []any{kubeapi.Object{
						"name": "host-root", "hostPath": kubeapi.Object{"path": "/", "type": "Directory"},
					}},
					"containers": []any{kubeapi.Object{
						"name": "node-servant", "image": image, "imagePullPolicy": "IfNotPresent",
						"command": []string{"/bin/sh", "-c"}, "args": []string{command},
						"securityContext": kubeapi.Object{"privileged": true},
						"volumeMounts":    []any{kubeapi.Object{"name": "host-root", "mountPath": "/openyurt"}},
					}},
				},
			},
		},
	}
}
