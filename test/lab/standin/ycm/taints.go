package main

import (
	"net/http"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// conditionTaints are the NoSchedule taints that follow from conditions.
var conditionTaints = map[string]map[string]string{
	"Ready":              {"False": notReady, "Unknown": unreachable},
	"MemoryPressure":     {"True": "node.kubernetes.io/memory-pressure"},
	"DiskPressure":       {"True": "node.kubernetes.io/disk-pressure"},
	"NetworkUnavailable": {"True": "node.kubernetes.io/network-unavailable"},
	"PIDPressure":        {"True": "node.kubernetes.io/pid-pressure"},
}

const unschedulable = "node.kubernetes.io/unschedulable"

// scheduleTaints returns which NoSchedule taints to add and which to remove, so that they match the conditions.
func scheduleTaints(n *node) (add, remove []taint) {
	managed, wanted := map[string]bool{unschedulable: true}, map[string]bool{}
	for kind, byStatus := range conditionTaints {
		current := n.condition(kind)
		for status, key := range byStatus {
			managed[key] = true
			if current != nil && current.Status == status {
				wanted[key] = true
			}
		}
	}
	if n.Spec.Unschedulable {
		wanted[unschedulable] = true
	}
	for key := range managed {
		switch has := n.hasTaint(key, noSchedule); {
		case wanted[key] && !has:
			add = append(add, taint{Key: key, Effect: noSchedule})
		case has && !wanted[key]:
			remove = append(remove, taint{Key: key, Effect: noSchedule})
		}
	}
	return add, remove
}

func (c *controller) setScheduleTaints(n *node) {
	if add, remove := scheduleTaints(n); len(add)+len(remove) > 0 {
		c.swapTaints(n, add, remove)
	}
}

// taintQueued taints the nodes whose turn it is, unless they are Ready by now.
func (c *controller) taintQueued(now time.Time) {
	for _, z := range c.zones {
		for name := z.take(now); name != ""; name = z.take(now) {
			n := c.nodes[name]
			if n == nil || n.condition("Ready") == nil {
				continue
			}
			key, opposite := unreachable, notReady
			switch n.condition("Ready").Status {
			case "True":
				continue
			case "False":
				key, opposite = notReady, unreachable
			}
			if !c.swapTaints(n, []taint{{Key: key, Effect: noExecute}}, []taint{{Key: opposite, Effect: noExecute}}) {
				z.enqueue(name)
			}
		}
	}
}

// swapTaints changes the node's taints, on its present version, and reports whether that worked. The change reaches
// the evictions with the next refresh.
func (c *controller) swapTaints(n *node, add, remove []taint) bool {
	name := n.Metadata.Name
	for try := 0; try < 5; try++ {
		var present node
		if err := c.client.Get("/api/v1/nodes/"+name, &present); err != nil {
			logs.Errorf("could not taint %s: %v", name, err)
			return false
		}
		taints := changedTaints(present.Spec.Taints, add, remove, time.Now())
		if sameTaints(taints, present.Spec.Taints) {
			return true
		}
		patch := kubeapi.Object{
			"metadata": kubeapi.Object{"resourceVersion": present.Metadata.ResourceVersion},
			"spec":     kubeapi.Object{"taints": taints},
		}
		err := c.client.Do(http.MethodPatch, "/api/v1/nodes/"+name, kubeapi.MergePatch, patch, nil)
		if err == nil {
			logs.Infof("%s: taints added %v, removed %v", name, add, remove)
			return true
		}
		if !kubeapi.HasCode(err, http.StatusConflict) {
			logs.Errorf("could not taint %s: %v", name, err)
			return false
		}
	}
	return false
}

// changedTaints returns present without remove and with add, those that are there already untouched.
func changedTaints(present, add, remove []taint, now time.Time) []taint {
	same := func(a, b taint) bool { return a.Key == b.Key && a.Effect == b.Effect }
	result := []taint{}
	has := func(list []taint, t taint) bool {
		for _, other := range list {
			if same(other, t) {
				return true
			}
		}
		return false
	}
	for _, t := range present {
		if !has(remove, t) {
			result = append(result, t)
		}
	}
	for _, t := range add {
		if !has(result, t) {
			if t.Effect == noExecute || t.Effect == noSchedule {
				t.TimeAdded = now.UTC().Format(time.RFC3339)
			}
			result = append(result, t)
		}
	}
	return result
}
