package main

import (
	"testing"
	"time"
)

func seconds(n int64) *int64 { return &n }

func TestStay(t *testing.T) {
	silent := taint{Key: unreachable, Effect: noExecute}
	dedicated := taint{Key: "dedicated", Value: "gpu", Effect: noExecute}
	cases := []struct {
		name        string
		taints      []taint
		tolerations []toleration
		limit       time.Duration
		forever, ok bool
	}{
		{"no taints", nil, nil, 0, true, true},
		{"not tolerated", []taint{silent}, nil, 0, false, false},
		{"kubernetes' default", []taint{silent}, []toleration{
			{Key: notReady, Operator: "Exists", Effect: noExecute, TolerationSeconds: seconds(300)},
			{Key: unreachable, Operator: "Exists", Effect: noExecute, TolerationSeconds: seconds(300)},
		}, 300 * time.Second, false, true},
		{"a daemon set's pod", []taint{silent}, []toleration{
			{Key: unreachable, Operator: "Exists", Effect: noExecute},
		}, 0, true, true},
		{"a static pod", []taint{silent, dedicated}, []toleration{{Operator: "Exists", Effect: noExecute}}, 0, true, true},
		{"first match counts", []taint{silent}, []toleration{
			{Operator: "Exists"},
			{Key: unreachable, Operator: "Exists", TolerationSeconds: seconds(5)},
		}, 0, true, true},
		{"shortest of several", []taint{silent, dedicated}, []toleration{
			{Key: unreachable, Operator: "Exists", TolerationSeconds: seconds(30)},
			{Key: "dedicated", Operator: "Equal", Value: "gpu", TolerationSeconds: seconds(10)},
		}, 10 * time.Second, false, true},
		{"other value", []taint{dedicated}, []toleration{{Key: "dedicated", Value: "cpu"}}, 0, false, false},
		{"other effect", []taint{silent}, []toleration{{Key: unreachable, Operator: "Exists", Effect: noSchedule}}, 0, false, false},
		{"negative is at once", []taint{silent}, []toleration{
			{Key: unreachable, Operator: "Exists", TolerationSeconds: seconds(-1)},
		}, 0, false, true},
	}
	for _, c := range cases {
		limit, forever, ok := stay(c.taints, c.tolerations)
		if limit != c.limit || forever != c.forever || ok != c.ok {
			t.Errorf("%s: got %v %v %v, want %v %v %v", c.name, limit, forever, ok, c.limit, c.forever, c.ok)
		}
	}
}
