package main

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"yurt-ssh-standin/internal/logs"
)

// proxy serves ports 10261 and 10268: it sends requests to a healthy API server, and in edge mode answers from the
// node when there is none.
type proxy struct {
	balancer *balancer
	up       *upstream
	health   *health
	cache    *cachePolicy
	local    *localAnswers
	metrics  *metrics
	slots    chan struct{}
	// of v1.7.0: whether the hub is ready for others than itself, and the report of the node's autonomy
	ready    func() error
	autonomy func()
}

func newProxy(opts *options, up *upstream, health *health, store *diskCache, metrics *metrics) *proxy {
	p := &proxy{
		up: up, health: health, metrics: metrics, slots: make(chan struct{}, opts.maxInFlight),
		balancer: &balancer{priority: opts.lbMode == "priority"},
	}
	if opts.edge() {
		p.cache = newCachePolicy(store)
		p.local = &localAnswers{cache: p.cache, online: p.online}
	}
	for _, server := range health.servers {
		p.balancer.backends = append(p.balancer.backends, newBackend(server, up, p.cache, newMasterService(opts), metrics))
	}
	return p
}

func (p *proxy) online() bool { return p.up.certified() && p.balancer.anyHealthy() }

type contextKey string

const (
	infoKey contextKey = "info"
	keepKey contextKey = "keep"
)

// statusWriter remembers the status for the log line.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Flush passes a chunk of a watch on at once.
func (w *statusWriter) Flush() {
	if flusher, ok := w.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
}

// Hijack hands the connection over for an upgrade, as exec and port-forward need.
func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	hijacker, ok := w.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, http.ErrNotSupported
	}
	return hijacker.Hijack()
}

func (p *proxy) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	info := infoOf(request)
	if p.ready != nil && !strings.HasPrefix(request.UserAgent(), "yurthub") {
		if err := p.ready(); err != nil {
			writeStatus(writer, http.StatusServiceUnavailable, "ServiceUnavailable", err.Error(), info)
			return
		}
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	default:
		p.metrics.rejected()
		writer.Header().Set("Retry-After", "1")
		writeStatus(writer, http.StatusTooManyRequests, "TooManyRequests", "the hub is busy", info)
		return
	}
	if info.resourceRequest {
		p.metrics.inFlight(info, 1)
		defer p.metrics.inFlight(info, -1)
	}
	logs.V(2, "begin verb=%s uri=%s in_flight=%d", info.verb, request.URL, len(p.slots))
	start, seen := time.Now(), &statusWriter{ResponseWriter: writer}
	defer func() {
		logs.Infof("client=%s verb=%s resource=%s uri=%s status=%d took=%v",
			info.component, info.verb, info.resource, request.URL, seen.status, time.Since(start))
	}()
	ctx := context.WithValue(request.Context(), infoKey, info)
	if p.cache != nil {
		asked := request.Header.Get("Edge-Cache") == "true"
		request.Header.Del("Edge-Cache")
		ctx = context.WithValue(ctx, keepKey, p.cache.keeps(info, asked))
	}
	if limit := timeLimit(info, request); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	p.route(seen, request.WithContext(ctx), info)
}

func (p *proxy) route(writer http.ResponseWriter, request *http.Request, info requestInfo) {
	if info.poolScoped() {
		request.Header.Del("Authorization")
	}
	if p.autonomy != nil && info.kubeletNode() && p.online() {
		p.autonomy()
	}
	if p.local != nil {
		if info.kubeletLease() {
			p.health.kubeletSeen()
		}
		if info.kubeletLease() || !p.online() {
			p.local.serve(writer, request, info)
			return
		}
	}
	backend := p.balancer.pick()
	if backend == nil {
		http.Error(writer, "no API server is healthy", http.StatusInternalServerError)
		return
	}
	backend.ServeHTTP(writer, request)
}

// timeLimit ends a read a little before its client gives up, and a watch a little after it should have ended.
func timeLimit(info requestInfo, request *http.Request) time.Duration {
	query := request.URL.Query()
	seconds, _ := strconv.Atoi(query.Get("timeoutSeconds"))
	asked := time.Duration(seconds) * time.Second
	const margin = 2 * time.Second
	switch {
	case info.verb == "watch" && asked > 0:
		return asked + 15*time.Second
	case info.verb == "get":
		asked, _ = time.ParseDuration(query.Get("timeout"))
	case info.verb != "list":
		return 0
	}
	if asked > margin {
		return asked - margin
	}
	return 0
}
