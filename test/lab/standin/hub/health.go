package main

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

const heartbeat = 10 * time.Second

// health knows which API servers answer. In edge mode it finds out by renewing the node's Lease itself; in cloud
// mode every server always counts as healthy and the Lease is the kubelet's business.
type health struct {
	opts    *options
	store   *diskCache
	metrics *metrics
	servers []*serverHealth
	next    int

	mu          sync.Mutex
	lastKubelet time.Time
	lease       kubeapi.Object
}

type serverHealth struct {
	url     *url.URL
	client  *kubeapi.Client
	cut     func()
	mu      sync.Mutex
	healthy bool
	streak  int
}

func newHealth(opts *options, up *upstream, store *diskCache, metrics *metrics) *health {
	h := &health{opts: opts, store: store, metrics: metrics}
	for _, server := range opts.servers {
		address := dialAddress(server)
		s := &serverHealth{
			url: server, healthy: !opts.edge(), cut: func() { up.closeAll(address) },
			client: &kubeapi.Client{Server: server.String(), UserAgent: userAgent(), HTTP: &http.Client{
				Transport: up.asHub, Timeout: time.Duration(opts.heartbeatTimeout) * time.Second,
			}},
		}
		h.servers = append(h.servers, s)
		if opts.edge() {
			s.set(h.check(s))
		}
	}
	return h
}

// dialAddress is the host:port that connections to the server are tracked under.
func dialAddress(server *url.URL) string {
	if server.Port() == "" {
		return server.Host + ":443"
	}
	return server.Host
}

func (s *serverHealth) set(healthy bool) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = s.healthy != healthy
	s.healthy = healthy
	return changed
}

func (s *serverHealth) isHealthy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.healthy
}

// kubeletSeen notes that the kubelet asked for its Lease just now.
func (h *health) kubeletSeen() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lastKubelet = time.Now()
}

// kubeletSilent is the rule that lets a dead kubelet show: once a kubelet has come through the hub and then kept
// silent for longer than grace, the hub stops renewing the Lease. A kubelet never seen is not missed.
func kubeletSilent(last, now time.Time, grace time.Duration) bool {
	return !last.IsZero() && grace > 0 && now.After(last.Add(grace))
}

func (h *health) loop(stop <-chan struct{}) {
	if !h.opts.edge() {
		return
	}
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case now := <-ticker.C:
			h.beat(now)
		}
	}
}

// beat tries servers in turn until one takes the Lease.
func (h *health) beat(now time.Time) {
	h.mu.Lock()
	silent := kubeletSilent(h.lastKubelet, now, h.opts.kubeletGrace)
	h.mu.Unlock()
	for range h.servers {
		server := h.servers[h.next]
		h.next = (h.next + 1) % len(h.servers)
		if silent {
			logs.Errorf("no Lease request from the kubelet for %v: not renewing, taking %s for unhealthy",
				h.opts.kubeletGrace, server.url.Host)
			h.fail(server)
			continue
		}
		if h.check(server) {
			return
		}
	}
}

// check renews the Lease at one server and keeps count of its successes.
func (h *health) check(server *serverHealth) bool {
	if err := h.renew(server.client); err != nil {
		logs.Errorf("%s did not take the Lease: %v", server.url.Host, err)
		h.fail(server)
		return false
	}
	if server.streak++; server.streak >= h.opts.healthyThreshold && server.set(true) {
		logs.Infof("%s is healthy again", server.url.Host)
		h.metrics.serverHealthy(server.url.Host, 1)
	}
	return true
}

func (h *health) fail(server *serverHealth) {
	server.cut()
	server.streak = 0
	if server.set(false) {
		logs.Infof("%s is unhealthy", server.url.Host)
		h.metrics.serverHealthy(server.url.Host, 0)
	}
}
