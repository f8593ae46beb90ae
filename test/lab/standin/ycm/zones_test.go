package main

import (
	"testing"
	"time"
)

func TestStateOf(t *testing.T) {
	for _, c := range []struct {
		ready, silent int
		want          zoneState
	}{
		{5, 0, zoneNormal}, {3, 2, zoneNormal}, {2, 3, zonePartial}, {1, 2, zoneNormal}, {0, 1, zoneFull},
	} {
		if got := stateOf(c.ready, c.silent, 0.55); got != c.want {
			t.Errorf("%d ready, %d silent: %v", c.ready, c.silent, got)
		}
	}
}

func TestOneNodeInTenSeconds(t *testing.T) {
	z := newZone(0.1, start)
	z.enqueue("a")
	z.enqueue("b")
	if got := z.take(start); got != "a" {
		t.Errorf("first: %q", got)
	}
	if got := z.take(start.Add(9 * time.Second)); got != "" {
		t.Errorf("too early: %q", got)
	}
	if got := z.take(start.Add(11 * time.Second)); got != "b" {
		t.Errorf("second: %q", got)
	}
}

func TestNoRateTaintsNothing(t *testing.T) {
	z := newZone(0.1, start)
	z.setRate(0, start)
	z.enqueue("a")
	if got := z.take(start.Add(time.Hour)); got != "" {
		t.Errorf("tainted %q", got)
	}
}
