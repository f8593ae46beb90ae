package main

import "sync"

// balancer picks a healthy backend: the next one in turn, or always the first.
type balancer struct {
	backends []*backend
	priority bool
	mu       sync.Mutex
	next     int
}

func (b *balancer) pick() *backend {
	b.mu.Lock()
	defer b.mu.Unlock()
	start := b.next
	if b.priority {
		start = 0
	}
	for i := range b.backends {
		at := (start + i) % len(b.backends)
		if b.backends[at].server.isHealthy() {
			b.next = (at + 1) % len(b.backends)
			return b.backends[at]
		}
	}
	return nil
}

func (b *balancer) anyHealthy() bool {
	for _, backend := range b.backends {
		if backend.server.isHealthy() {
			return true
		}
	}
	return false
}
