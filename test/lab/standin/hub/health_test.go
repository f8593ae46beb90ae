package main

import (
	"testing"
	"time"
)

func TestKubeletSilent(t *testing.T) {
	now, grace := time.Unix(1000, 0), 40*time.Second
	for _, c := range []struct {
		name  string
		last  time.Time
		grace time.Duration
		want  bool
	}{
		{"never seen", time.Time{}, grace, false},
		{"just seen", now, grace, false},
		{"seen 40 s ago", now.Add(-40 * time.Second), grace, false},
		{"seen longer ago", now.Add(-41 * time.Second), grace, true},
		{"rule switched off", now.Add(-time.Hour), 0, false},
	} {
		if got := kubeletSilent(c.last, now, c.grace); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
