package main

import (
	"net/http"
	"reflect"
	"sort"
	"strings"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// controller is the node lifecycle. One goroutine does everything: it reads the cluster every second, compares with
// what it knew, and judges the nodes every monitor period.
type controller struct {
	client    *kubeapi.Client
	opts      *options
	nodes     map[string]*node
	pods      map[string]*pod
	leases    map[string]time.Time
	records   map[string]*record
	known     map[string]bool
	retryPods map[string]bool
	zones     map[string]*zone
	evictions *evictions
}

func newController(client *kubeapi.Client, opts *options) *controller {
	return &controller{
		client: client, opts: opts, nodes: map[string]*node{}, pods: map[string]*pod{}, leases: map[string]time.Time{},
		records: map[string]*record{}, known: map[string]bool{}, retryPods: map[string]bool{},
		zones: map[string]*zone{}, evictions: newEvictions(),
	}
}

func (c *controller) run() {
	var judged time.Time
	for synced := false; ; time.Sleep(time.Second) {
		if err := c.refresh(time.Now()); err != nil {
			logs.Errorf("cannot read the cluster: %v", err)
		} else {
			synced = true
		}
		if now := time.Now(); synced && now.Sub(judged) >= c.opts.monitorPeriod {
			judged = now
			c.judge(now)
		}
		c.taintQueued(time.Now())
		c.evictDue(time.Now())
	}
}

// refresh reads nodes, pods and Leases, and tells the evictions and the NoSchedule taints what changed.
func (c *controller) refresh(now time.Time) error {
	nodes, err := listAll[*node](c.client, "/api/v1/nodes")
	if err != nil {
		return err
	}
	pods, err := listAll[*pod](c.client, "/api/v1/pods")
	if err != nil {
		return err
	}
	leases, err := listAll[lease](c.client, "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases")
	if err != nil {
		return err
	}
	for _, l := range leases {
		c.leases[l.Metadata.Name] = l.Spec.RenewTime
	}
	previousNodes, previousPods := c.nodes, c.pods
	c.nodes, c.pods = map[string]*node{}, map[string]*pod{}
	for _, p := range pods {
		c.pods[p.key()] = p
	}
	for _, n := range nodes {
		name := n.Metadata.Name
		c.nodes[name] = n
		old := previousNodes[name]
		c.evictions.nodeChanged(old, n, pods, now)
		if old == nil || old.Metadata.ResourceVersion != n.Metadata.ResourceVersion {
			c.setScheduleTaints(n)
		}
	}
	for name := range previousNodes {
		if c.nodes[name] == nil {
			delete(c.evictions.tainted, name)
		}
	}
	c.comparePods(previousPods, now)
	return nil
}

func (c *controller) comparePods(previous map[string]*pod, now time.Time) {
	for key := range previous {
		if c.pods[key] == nil {
			delete(c.evictions.planned, key)
		}
	}
	for key, p := range c.pods {
		old := previous[key]
		moved := old == nil || old.Spec.NodeName != p.Spec.NodeName
		if moved || !reflect.DeepEqual(old.Spec.Tolerations, p.Spec.Tolerations) {
			c.evictions.podChanged(p, now)
		}
		if r := c.records[p.Spec.NodeName]; moved && r != nil && r.hasReady && r.status != "True" {
			if n := c.nodes[p.Spec.NodeName]; n != nil {
				c.markPodsNotReady(n, []*pod{p})
			}
		}
	}
}

func (c *controller) podsOn(name string) []*pod {
	var found []*pod
	for _, p := range c.pods {
		if p.Spec.NodeName == name {
			found = append(found, p)
		}
	}
	return found
}

func (c *controller) sortedNodes() []*node {
	nodes := make([]*node, 0, len(c.nodes))
	for _, n := range c.nodes {
		nodes = append(nodes, n)
	}
	sort.Slice(nodes, func(i, j int) bool { return nodes[i].Metadata.Name < nodes[j].Metadata.Name })
	return nodes
}

// evictDue deletes the pods whose toleration has run out.
func (c *controller) evictDue(now time.Time) {
	for _, key := range c.evictions.due(now) {
		namespace, name, _ := strings.Cut(key, "/")
		logs.Infof("evicting %s", key)
		c.record("Pod", namespace, name, "", "TaintManagerEviction", "Marking for deletion Pod "+key)
		err := c.client.Do(http.MethodDelete, "/api/v1/namespaces/"+namespace+"/pods/"+name, "", nil, nil)
		if err != nil && !kubeapi.HasCode(err, http.StatusNotFound) {
			logs.Errorf("could not evict %s: %v", key, err)
		}
	}
}

// markPodsNotReady sets the Ready condition of pods on a node that went silent, so that Services drop them. An
// autonomous node keeps its pods as they are.
func (c *controller) markPodsNotReady(n *node, pods []*pod) bool {
	if n.autonomous() {
		return true
	}
	done := true
	for _, p := range pods {
		if !setNotReady(p.raw) {
			continue
		}
		path := "/api/v1/namespaces/" + p.Metadata.Namespace + "/pods/" + p.Metadata.Name + "/status"
		p.raw["kind"], p.raw["apiVersion"] = "Pod", "v1"
		if err := c.client.Do(http.MethodPut, path, "", p.raw, nil); err != nil && !kubeapi.HasCode(err, http.StatusNotFound) {
			logs.Errorf("could not mark %s: %v", p.key(), err)
			done = false
		}
	}
	return done
}

// setNotReady changes the pod's Ready condition to False and reports whether that was a change.
func setNotReady(raw kubeapi.Object) bool {
	conditions, _ := kubeapi.Field(raw, "status", "conditions").([]any)
	for _, entry := range conditions {
		if c, ok := entry.(map[string]any); ok && c["type"] == "Ready" && c["status"] != "False" {
			c["status"], c["lastTransitionTime"] = "False", time.Now().UTC().Format(time.RFC3339)
			return true
		}
	}
	return false
}
