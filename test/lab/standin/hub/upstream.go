package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
)

// upstream is the way to the API servers. A request that brings a bearer token travels as its sender; every other
// one travels as the hub, which is how the kubelet's requests do.
type upstream struct {
	asHub    *http.Transport
	asSender *http.Transport
	current  func() *tls.Certificate

	mu    sync.Mutex
	conns map[string]map[net.Conn]bool
}

// newUpstream trusts the CA of the file and shows, as the hub, the certificate that current returns.
func newUpstream(caFile string, current func() *tls.Certificate) (*upstream, error) {
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	u := &upstream{current: current, conns: map[string]map[net.Conn]bool{}}
	u.asHub = kubeapi.Transport(ca, current)
	u.asSender = kubeapi.Transport(ca, nil)
	u.asHub.DialContext, u.asSender.DialContext = u.dial, u.dial
	return u, nil
}

// certified reports whether the hub still has a valid client certificate.
func (u *upstream) certified() bool { return u.current() != nil }

// RoundTrip sends the request as its sender or as the hub.
func (u *upstream) RoundTrip(request *http.Request) (*http.Response, error) {
	scheme, _, hasToken := strings.Cut(strings.TrimSpace(request.Header.Get("Authorization")), " ")
	if hasToken && strings.EqualFold(scheme, "bearer") {
		return u.asSender.RoundTrip(request)
	}
	return u.asHub.RoundTrip(request)
}

type trackedConn struct {
	net.Conn
	forget func()
}

func (c *trackedConn) Close() error {
	c.forget()
	return c.Conn.Close()
}

func (u *upstream) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	tracked := &trackedConn{Conn: conn}
	tracked.forget = func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.conns[address], tracked)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.conns[address] == nil {
		u.conns[address] = map[net.Conn]bool{}
	}
	u.conns[address][tracked] = true
	return tracked, nil
}

// closeAll cuts every connection to the server, so that watches of a server that went silent end.
func (u *upstream) closeAll(address string) {
	u.mu.Lock()
	var open []net.Conn
	for conn := range u.conns[address] {
		open = append(open, conn)
	}
	u.mu.Unlock()
	for _, conn := range open {
		conn.Close()
	}
}

// open counts the connections per server.
func (u *upstream) open() map[string]int {
	u.mu.Lock()
	defer u.mu.Unlock()
	counts := map[string]int{}
	for address, conns := range u.conns {
		counts[address] = len(conns)
	}
	return counts
}
