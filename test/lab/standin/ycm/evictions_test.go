package main

import (
	"testing"
	"time"
)

func testNode(ready string, autonomous bool, taints ...taint) *node {
	n := &node{}
	n.Metadata.Name = "edge-1"
	n.Spec.Taints = taints
	n.Status.Conditions = []condition{{Type: "Ready", Status: ready}}
	if autonomous {
		n.Metadata.Annotations = map[string]string{autonomy: "true"}
	}
	return n
}

func testPod(toleratedSeconds int64) *pod {
	p := &pod{}
	p.Metadata.Namespace, p.Metadata.Name, p.Spec.NodeName = "default", "web", "edge-1"
	p.Spec.Tolerations = []toleration{{Key: unreachable, Operator: "Exists", TolerationSeconds: &toleratedSeconds}}
	return p
}

var (
	silent = taint{Key: unreachable, Effect: noExecute}
	start  = time.Unix(1000, 0)
)

func TestEvictionAfterToleration(t *testing.T) {
	e, pods := newEvictions(), []*pod{testPod(5)}
	e.nodeChanged(testNode("Unknown", false), testNode("Unknown", false, silent), pods, start)
	if due := e.due(start.Add(4 * time.Second)); len(due) != 0 {
		t.Errorf("evicted too early: %v", due)
	}
	if due := e.due(start.Add(5 * time.Second)); len(due) != 1 || due[0] != "default/web" {
		t.Errorf("due: %v", due)
	}
}

func TestRecoveryCancels(t *testing.T) {
	e, pods := newEvictions(), []*pod{testPod(5)}
	tainted := testNode("Unknown", false, silent)
	e.nodeChanged(nil, tainted, pods, start)
	e.nodeChanged(tainted, testNode("True", false), pods, start.Add(time.Second))
	if due := e.due(start.Add(time.Hour)); len(due) != 0 {
		t.Errorf("evicted a pod of a node that came back: %v", due)
	}
}

func TestAutonomyCountsWhenTheTaintsChange(t *testing.T) {
	cases := []struct {
		name   string
		during bool
		later  bool
		evicts bool
	}{
		{"autonomous", true, true, false},
		{"annotation removed while tainted", true, false, false},
		{"annotation added while tainted", false, true, true},
	}
	for _, c := range cases {
		e, pods := newEvictions(), []*pod{testPod(5)}
		tainted := testNode("Unknown", c.during, silent)
		e.nodeChanged(testNode("Unknown", c.during), tainted, pods, start)
		e.nodeChanged(tainted, testNode("Unknown", c.later, silent), pods, start.Add(time.Second))
		if due := e.due(start.Add(time.Hour)); (len(due) == 1) != c.evicts {
			t.Errorf("%s: due %v", c.name, due)
		}
	}
}

func TestPodThatArrivesOnTaintedNode(t *testing.T) {
	e := newEvictions()
	e.nodeChanged(nil, testNode("Unknown", false, silent), nil, start)
	e.podChanged(testPod(7), start)
	if due := e.due(start.Add(7 * time.Second)); len(due) != 1 {
		t.Errorf("due: %v", due)
	}
}
