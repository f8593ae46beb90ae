package main

import (
	"net/http"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// judge goes once over all nodes: silent ones become Unknown, those not Ready since the last pass are queued for the
// NoExecute taint, those Ready lose it. What was Ready at the beginning of the pass is only tainted in the next.
func (c *controller) judge(now time.Time) {
	c.meetNodes(now)
	counts := map[string]*[2]int{}
	for _, listed := range c.sortedNodes() {
		// a copy: what the next refresh compares with must stay as it was listed
		judged := *listed
		n := &judged
		before, after, ok := c.judgeNode(n, now)
		if !ok {
			continue
		}
		if _, excluded := n.Metadata.Labels["node.kubernetes.io/exclude-disruption"]; !excluded {
			if counts[n.zone()] == nil {
				counts[n.zone()] = &[2]int{}
			}
			if after == "True" {
				counts[n.zone()][0]++
			} else {
				counts[n.zone()][1]++
			}
		}
		if after != "" {
			c.follow(n, before, after)
		}
	}
	c.handleDisruption(counts, now)
}

// meetNodes strips the NoExecute taints of nodes seen for the first time, which at start are all nodes.
func (c *controller) meetNodes(now time.Time) {
	for _, n := range c.sortedNodes() {
		if c.zones[n.zone()] == nil {
			c.zones[n.zone()] = newZone(c.opts.evictionRate, now)
		}
		if !c.known[n.Metadata.Name] {
			c.known[n.Metadata.Name] = true
			c.record("Node", "", n.Metadata.Name, n.Metadata.UID, "RegisteredNode", "seen by the stand-in for the first time")
			c.markReachable(n)
		}
	}
	for name := range c.known {
		if c.nodes[name] == nil {
			delete(c.known, name)
			delete(c.records, name)
			delete(c.retryPods, name)
		}
	}
}

// judgeNode returns the Ready status before and after, writing Unknown when the node was silent for too long. After
// is "" when the node has no Ready condition yet; ok is false when the API refused the change.
func (c *controller) judgeNode(n *node, now time.Time) (before, after string, ok bool) {
	name := n.Metadata.Name
	for try := 0; try < 5; try++ {
		r, grace := observe(c.records[name], n, c.leases[name], now, c.opts)
		c.records[name] = r
		before, after = "Unknown", ""
		if ready := n.condition("Ready"); ready != nil {
			before, after = ready.Status, ready.Status
		}
		if !now.After(r.probe.Add(grace)) {
			return before, after, true
		}
		changed := unknownConditions(n, now)
		if len(changed) == 0 {
			return before, "Unknown", true
		}
		updated, err := c.writeConditions(n, changed)
		if err == nil {
			logs.Infof("%s was silent for %v: Ready is Unknown now", name, now.Sub(r.probe).Round(time.Second))
			*n = *updated
			ready := n.condition("Ready")
			r.hasReady, r.status = true, "Unknown"
			r.heartbeat, r.transition = ready.LastHeartbeatTime, ready.LastTransitionTime
			return before, "Unknown", true
		}
		logs.Errorf("could not set the status of %s: %v", name, err)
		var fresh node
		if c.client.Get("/api/v1/nodes/"+name, &fresh) != nil {
			return "", "", false
		}
		*n = fresh
	}
	return "", "", false
}

func (c *controller) writeConditions(n *node, conditions []condition) (*node, error) {
	patch := kubeapi.Object{
		"metadata": kubeapi.Object{"resourceVersion": n.Metadata.ResourceVersion},
		"status":   kubeapi.Object{"conditions": conditions},
	}
	var updated node
	path := "/api/v1/nodes/" + n.Metadata.Name + "/status"
	if err := c.client.Do(http.MethodPatch, path, kubeapi.StrategicPatch, patch, &updated); err != nil {
		return nil, err
	}
	return &updated, nil
}

// follow acts on the Ready status: taints, the event and the pods' readiness.
func (c *controller) follow(n *node, before, after string) {
	name := n.Metadata.Name
	switch before {
	case "True":
		c.markReachable(n)
	case "False":
		c.wantTaint(n, notReady, unreachable)
	default:
		c.wantTaint(n, unreachable, notReady)
	}
	fell := before == "True" && after != "True"
	if fell {
		c.record("Node", "", name, n.Metadata.UID, "NodeNotReady", "Node "+name+" status is now: NodeNotReady")
	}
	if fell || c.retryPods[name] && before != "True" {
		c.retryPods[name] = !c.markPodsNotReady(n, c.podsOn(name))
		return
	}
	delete(c.retryPods, name)
}

// wantTaint swaps the opposite NoExecute taint at once, and queues a node that has neither.
func (c *controller) wantTaint(n *node, key, opposite string) {
	switch {
	case n.hasTaint(opposite, noExecute):
		c.swapTaints(n, []taint{{Key: key, Effect: noExecute}}, []taint{{Key: opposite, Effect: noExecute}})
	case !n.hasTaint(key, noExecute):
		c.zones[n.zone()].enqueue(n.Metadata.Name)
	}
}

// markReachable removes both NoExecute taints and takes the node out of the queue.
func (c *controller) markReachable(n *node) {
	if n.hasTaint(unreachable, noExecute) || n.hasTaint(notReady, noExecute) {
		c.swapTaints(n, nil, []taint{{Key: unreachable, Effect: noExecute}, {Key: notReady, Effect: noExecute}})
	}
	c.zones[n.zone()].dequeue(n.Metadata.Name)
}
