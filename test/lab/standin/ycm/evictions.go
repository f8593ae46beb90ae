package main

import "time"

// evictions are deletions that wait for their time, by namespace/name.
type evictions struct {
	tainted map[string][]taint
	planned map[string]eviction
}

type eviction struct{ since, due time.Time }

func newEvictions() *evictions {
	return &evictions{tainted: map[string][]taint{}, planned: map[string]eviction{}}
}

// nodeChanged takes note of a node whose NoExecute taints changed. A node that is not Ready and autonomous is
// forgotten instead: nothing new is planned for it, and nothing already planned is called off. That happens only
// here, so the annotation has no effect on a node that was tainted before it came or went.
func (e *evictions) nodeChanged(old, now *node, pods []*pod, at time.Time) {
	taints := now.taintsOf(noExecute)
	if old != nil && sameTaints(old.taintsOf(noExecute), taints) {
		return
	}
	name := now.Metadata.Name
	if ready := now.condition("Ready"); ready != nil && ready.Status != "True" && now.autonomous() {
		delete(e.tainted, name)
		return
	}
	if len(taints) == 0 {
		delete(e.tainted, name)
	} else {
		e.tainted[name] = taints
	}
	for _, p := range pods {
		if p.Spec.NodeName == name {
			e.plan(p, taints, at)
		}
	}
}

// podChanged takes note of a pod that is new, or whose node or tolerations changed.
func (e *evictions) podChanged(p *pod, at time.Time) {
	if taints, ok := e.tainted[p.Spec.NodeName]; ok {
		e.plan(p, taints, at)
	}
}

func (e *evictions) plan(p *pod, taints []taint, at time.Time) {
	if len(taints) == 0 {
		delete(e.planned, p.key())
		return
	}
	limit, forever, ok := stay(taints, p.Spec.Tolerations)
	if !ok {
		e.planned[p.key()] = eviction{since: at, due: at}
		return
	}
	if forever {
		return
	}
	since := at
	if planned, exists := e.planned[p.key()]; exists {
		if since = planned.since; since.Before(at) {
			return
		}
	}
	e.planned[p.key()] = eviction{since: since, due: at.Add(limit)}
}

// due removes and returns the pods whose time has come.
func (e *evictions) due(at time.Time) []string {
	var keys []string
	for key, planned := range e.planned {
		if !at.Before(planned.due) {
			keys = append(keys, key)
			delete(e.planned, key)
		}
	}
	return keys
}

func sameTaints(a, b []taint) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
