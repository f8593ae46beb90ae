package main

import "time"

// record is what the controller remembers of a node's health, with times of its own clock: the node's clock may be
// wrong, so only a change counts.
type record struct {
	probe                 time.Time
	heartbeat, transition string
	hasReady              bool
	status                string
	renewed               time.Time
}

// observe updates the record with the node's Ready condition and Lease as they stand, and returns how long the node
// may be silent. A nil record is made.
func observe(r *record, n *node, renewed time.Time, now time.Time, opts *options) (*record, time.Duration) {
	ready, grace := n.condition("Ready"), opts.monitorGrace
	switch {
	case ready == nil && r == nil:
		r = &record{probe: n.Metadata.CreationTimestamp}
		grace = opts.startGrace
	case ready == nil && !r.hasReady:
		grace = opts.startGrace
	case ready == nil:
		r = &record{probe: now}
		grace = opts.startGrace
	case r == nil || !r.hasReady || r.heartbeat != ready.LastHeartbeatTime:
		var before time.Time
		if r != nil {
			before = r.renewed
		}
		r = &record{probe: now, renewed: before}
	}
	if ready != nil {
		r.hasReady, r.heartbeat, r.transition, r.status = true, ready.LastHeartbeatTime, ready.LastTransitionTime, ready.Status
	}
	if renewed.After(r.renewed) {
		r.renewed, r.probe = renewed, now
	}
	return r, grace
}

// silentConditions are those that become Unknown on a node that went silent.
var silentConditions = []string{"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}

// unknownConditions returns the conditions to write for a silent node, empty when Ready is Unknown already.
func unknownConditions(n *node, now time.Time) []condition {
	if ready := n.condition("Ready"); ready != nil && ready.Status == "Unknown" {
		return nil
	}
	stamp := now.UTC().Format(time.RFC3339)
	var changed []condition
	for _, kind := range silentConditions {
		current := n.condition(kind)
		switch {
		case current == nil:
			changed = append(changed, condition{
				Type: kind, Status: "Unknown", Reason: "NodeStatusNeverUpdated", Message: "Kubelet never posted node status.",
				LastHeartbeatTime:  n.Metadata.CreationTimestamp.UTC().Format(time.RFC3339),
				LastTransitionTime: stamp,
			})
		case current.Status != "Unknown":
			silent := *current
			silent.Status, silent.Reason = "Unknown", "NodeStatusUnknown"
			silent.Message, silent.LastTransitionTime = "Kubelet stopped posting node status.", stamp
			changed = append(changed, silent)
		}
	}
	return changed
}
