package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"yurt-ssh-standin/internal/flags"
	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
	"yurt-ssh-standin/internal/pki"
)

// readModernOptions reads the flags of v1.7.0; an unknown one exits with misuse.
func readModernOptions(args []string) *options {
	o := &options{certMode: "hubself", accessThroughHub: true}
	f := flags.New("yurthub", false)
	f.StringVar(&o.bindAddress, "bind-address", "127.0.0.1", "address of the hub's own listener")
	f.StringVar(&o.proxyAddress, "bind-proxy-address", "127.0.0.1", "address of the proxies")
	f.StringVar(&o.servePort, "serve-port", "10267", "port for healthz, readyz and metrics")
	f.StringVar(&o.proxyPort, "proxy-port", "10261", "port of the http proxy")
	f.StringVar(&o.proxySecurePort, "proxy-secure-port", "10268", "port of the https proxy")
	f.StringVar(&o.multiplexerPort, "multiplexer-port", "10269", "port of the proxy for other hubs of the pool")
	f.StringVar(&o.serverAddr, "server-addr", "", "API servers, comma separated")
	f.StringVar(&o.nodeName, "node-name", "", "name of the node")
	f.StringVar(&o.nodeIP, "node-ip", "", "address for other hubs; the one of the default route when empty")
	f.StringVar(&o.nodePoolName, "nodepool-name", "", "name of the node pool")
	f.StringVar(&o.workingMode, "working-mode", "edge", "edge or cloud")
	f.StringVar(&o.bootstrapMode, "bootstrap-mode", "token", "token or kubeletcertificate")
	f.StringVar(&o.bootstrapFile, "bootstrap-file", "", "kubeconfig with a bootstrap token")
	f.StringVar(&o.joinToken, "join-token", "", "bootstrap token")
	f.StringVar(&o.rootDir, "root-dir", "/var/lib/yurthub", "where the hub keeps its files")
	f.StringVar(&o.diskCachePath, "disk-cache-path", "/etc/kubernetes/cache/", "where answers are cached")
	f.StringVar(&o.lbMode, "lb-mode", "rr", "rr or priority")
	f.StringVar(&o.dummyIP, "dummy-if-ip", "169.254.2.1", "address of the dummy interface")
	f.StringVar(&o.dummyName, "dummy-if-name", "hub-dummy0", "name of the dummy interface")
	f.IntVar(&o.failedRetry, "heartbeat-failed-retry", 3, "tries per heartbeat")
	f.IntVar(&o.healthyThreshold, "heartbeat-healthy-threshold", 2, "heartbeats until a server counts as back")
	f.IntVar(&o.heartbeatTimeout, "heartbeat-timeout-seconds", 2, "timeout of a heartbeat")
	f.IntVar(&o.maxInFlight, "max-requests-in-flight", 250, "requests served at once")
	f.DurationVar(&o.kubeletGrace, "kubelet-health-grace-period", 40*time.Second, "silence after which the kubelet is dead")
	f.BoolVar(&o.enableDummyIf, "enable-dummy-if", true, "use the dummy interface")
	f.BoolVar(&o.enableIptables, "enable-iptables", false, "set iptables rules for it")
	f.BoolVar(&o.filterResources, "enable-resource-filter", true, "rewrite answers")
	f.List(&o.disabledFilters, "disabled-resource-filters", "filters left out")
	f.Bool("profiling", true, "accepted, without effect in the stand-in")
	f.Ignore("namespace", "gc-frequency", "heartbeat-interval-seconds", "min-request-timeout", "pool-scope-resources",
		"hub-cert-organizations", "discovery-token-ca-cert-hash", "host-control-plane-address",
		"discovery-token-unsafe-skip-ca-verification!", "enable-node-pool!", "enable-pool-service-topology!")
	f.MustParse(args, misuse)
	if f.ShowVersion {
		fmt.Println("yurthub: " + release + " (stand-in)")
		os.Exit(0)
	}
	logs.SetVerbosity(f.Verbosity)
	return o
}

// validateModern refuses what v1.7.0 refuses, in its order.
func (o *options) validateModern() error {
	switch {
	case o.nodeName == "":
		return errors.New("no --node-name")
	case o.serverAddr == "":
		return errors.New("no --server-addr")
	case o.workingMode != "edge" && o.workingMode != "cloud":
		return fmt.Errorf("--working-mode %q: the stand-in knows edge and cloud", o.workingMode)
	case o.bootstrapMode != "kubeletcertificate" && o.joinToken == "" && o.bootstrapFile == "":
		return errors.New("no --bootstrap-file and no --join-token")
	case o.bootstrapMode != "kubeletcertificate":
		return fmt.Errorf("--bootstrap-mode %q: the stand-in knows kubeletcertificate only", o.bootstrapMode)
	case o.lbMode != "rr" && o.lbMode != "priority":
		return fmt.Errorf("--lb-mode %q is neither rr nor priority", o.lbMode)
	case len(o.dummyName) > 15:
		return fmt.Errorf("--dummy-if-name %q is longer than 15", o.dummyName)
	case o.nodePoolName == "":
		return errors.New("no --nodepool-name")
	}
	if o.nodeIP == "" {
		// no packet is sent: the address that the default route gives
		route, err := net.Dial("udp4", "192.0.2.1:9")
		if err != nil {
			return fmt.Errorf("no --node-ip and no default route: %w", err)
		}
		o.nodeIP, _, _ = net.SplitHostPort(route.LocalAddr().String())
		route.Close()
	}
	return o.complete()
}

// runModern is a start of v1.7.0: nothing listens before the server certificate is there, and nobody but the hub
// itself is served before it could read its settings and its pool.
func runModern(opts *options, pace pace) error {
	stop := onTerminate()
	kubelet, err := newKubeletPair()
	if err != nil {
		return err
	}
	manager := modernServerManager(opts, kubelet)
	manager.Start()
	for end := time.Now().Add(pace.giveUp); manager.Current() == nil; time.Sleep(pace.poll) {
		if time.Now().After(end) {
			return errors.New("no server certificate within four minutes")
		}
		logs.Infof("the server certificate is not there yet")
	}
	secure, err := servedBy(manager, kubeletCA)
	if err != nil {
		return err
	}
	upstream, err := newUpstream(kubeletCA, kubelet.current)
	if err != nil {
		return err
	}
	store := newDiskCache(opts.diskCachePath)
	metrics := newMetrics()
	health := newHealth(opts, upstream, store, metrics)
	go health.loop(stop)
	end := func() { os.Exit(0) }
	if opts.enableDummyIf {
		network, err := newNetwork(opts)
		if err != nil {
			return err
		}
		go network.keep(stop, end)
	} else {
		go func() { <-stop; end() }()
	}
	proxy := newProxy(opts, upstream, health, store, metrics)
	ready := newReadiness(opts)
	proxy.ready = ready.check
	go ready.loop(ownClient(opts))
	if opts.edge() {
		proxy.autonomy = func() { reportAutonomy(health.servers[0].client, opts.nodeName) }
		go followSettings(opts, proxy.cache)
	}
	return serve(opts, proxy, secure, ownHandler(func(string) error { return nil }, ready.check, metrics))
}

// Files of the kubelet at the places where v1.7.0 looks for them, whatever the kubelet is told.
const (
	kubeletConf = "/etc/kubernetes/kubelet.conf"
	kubeletCA   = "/etc/kubernetes/pki/ca.crt"
)

// modernServerManager asks, as the kubelet, for a certificate that yurt-manager approves.
func modernServerManager(opts *options, kubelet *kubeletPair) *pki.Manager {
	manager := &pki.Manager{
		Store: pki.Store{Dir: opts.rootDir + "/pki", Prefix: "yurthub-server"},
		Subject: pki.Subject{
			CommonName: "system:node:" + opts.nodeName, Organizations: []string{"system:nodes"},
			DNSNames: []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"},
			Usages:   []string{"digital signature", "key encipherment", "server auth"}, Signer: "kubernetes.io/kubelet-serving",
		},
	}
	for _, address := range []string{opts.dummyIP, opts.bindAddress, opts.proxyAddress, opts.nodeIP} {
		manager.Subject.IPs = append(manager.Subject.IPs, net.ParseIP(address))
	}
	manager.Client = func(bool) (*kubeapi.Client, error) {
		return kubeapi.FromKubeconfig(kubeletConf, "", userAgent())
	}
	return manager
}

// kubeletPair is the kubelet's client certificate. It is read again only once it has expired.
type kubeletPair struct {
	store pki.Store
	pair  *tls.Certificate
}

func newKubeletPair() (*kubeletPair, error) {
	k := &kubeletPair{store: pki.Store{Dir: "/var/lib/kubelet/pki", Prefix: "kubelet-client"}}
	for _, path := range []string{kubeletConf, kubeletCA, k.store.CurrentPath()} {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%s file doesn't exist", path)
		}
	}
	pair, err := k.store.Load()
	k.pair = pair
	return k, err
}

func (k *kubeletPair) current() *tls.Certificate {
	if time.Now().Before(k.pair.Leaf.NotAfter) {
		return k.pair
	}
	pair, err := k.store.Load()
	if err != nil {
		logs.Errorf("%v", err)
		return nil
	}
	k.pair = pair
	return pair
}

// tooManyRequests is what a client of v1.7.0 gets for ever while the hub itself may not read the resource.
func tooManyRequests(response *http.Response, info requestInfo) error {
	message := fmt.Sprintf("cacher for gvr(%s/%s, Resource=%s) is initializing, please try again later.",
		info.group, info.version, info.resource)
	body := fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":%q,`+
		`"reason":"TooManyRequests","code":429}`, message)
	response.Body.Close()
	response.StatusCode, response.Status = http.StatusTooManyRequests, "429 Too Many Requests"
	response.Header = http.Header{"Content-Type": {"application/json"}, "Retry-After": {"1"}}
	response.Body, response.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return nil
}
