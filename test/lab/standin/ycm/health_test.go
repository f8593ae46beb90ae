package main

import (
	"testing"
	"time"
)

var testOptions = &options{monitorGrace: 40 * time.Second, startGrace: time.Minute}

func TestObserveUsesItsOwnClock(t *testing.T) {
	n := testNode("True", false)
	n.Status.Conditions[0].LastHeartbeatTime = "2001-01-01T00:00:00Z"
	r, grace := observe(nil, n, start.Add(-time.Hour), start, testOptions)
	if !r.probe.Equal(start) || grace != 40*time.Second {
		t.Fatalf("first sight: %v %v", r.probe, grace)
	}
	r, _ = observe(r, n, start.Add(-time.Hour), start.Add(5*time.Second), testOptions)
	if !r.probe.Equal(start) {
		t.Errorf("nothing changed, yet the probe moved to %v", r.probe)
	}
	r, _ = observe(r, n, start.Add(-time.Minute), start.Add(10*time.Second), testOptions)
	if !r.probe.Equal(start.Add(10 * time.Second)) {
		t.Errorf("a renewed Lease did not count: %v", r.probe)
	}
	n.Status.Conditions[0].LastHeartbeatTime = "2001-01-01T00:05:00Z"
	r, _ = observe(r, n, start.Add(-time.Minute), start.Add(20*time.Second), testOptions)
	if !r.probe.Equal(start.Add(20 * time.Second)) {
		t.Errorf("a new heartbeat did not count: %v", r.probe)
	}
}

func TestUnknownConditions(t *testing.T) {
	n := testNode("True", false)
	changed := unknownConditions(n, start)
	if len(changed) != 4 || changed[0].Type != "Ready" || changed[0].Reason != "NodeStatusUnknown" {
		t.Errorf("changed: %+v", changed)
	}
	if changed[1].Reason != "NodeStatusNeverUpdated" {
		t.Errorf("a missing condition: %+v", changed[1])
	}
	if again := unknownConditions(testNode("Unknown", false), start); len(again) != 0 {
		t.Errorf("already Unknown: %+v", again)
	}
}

func TestScheduleTaints(t *testing.T) {
	n := testNode("Unknown", false, taint{Key: notReady, Effect: noSchedule}, taint{Key: "own", Effect: noSchedule})
	add, remove := scheduleTaints(n)
	if len(add) != 1 || add[0].Key != unreachable || len(remove) != 1 || remove[0].Key != notReady {
		t.Errorf("add %v remove %v", add, remove)
	}
}
