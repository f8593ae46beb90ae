package main

import "testing"

func TestBalancer(t *testing.T) {
	servers := []*serverHealth{{healthy: true}, {healthy: true}, {healthy: true}}
	b := &balancer{}
	for _, server := range servers {
		b.backends = append(b.backends, &backend{server: server})
	}
	order := func(n int) (picked []int) {
		for i := 0; i < n; i++ {
			choice := b.pick()
			for at, candidate := range b.backends {
				if candidate == choice {
					picked = append(picked, at)
				}
			}
		}
		return picked
	}
	expect := func(name string, want ...int) {
		got := order(len(want))
		for i := range want {
			if len(got) != len(want) || got[i] != want[i] {
				t.Errorf("%s: %v, want %v", name, got, want)
				return
			}
		}
	}
	expect("in turn", 0, 1, 2, 0)
	servers[1].healthy = false
	expect("past a dead one", 2, 0, 2, 0)
	b.priority = true
	expect("priority", 0, 0)
	servers[0].healthy = false
	expect("next by priority", 2, 2)
	servers[2].healthy = false
	if b.pick() != nil || b.anyHealthy() {
		t.Error("picked from three dead servers")
	}
}
