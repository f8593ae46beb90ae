package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"yurt-ssh-standin/internal/flags"
	"yurt-ssh-standin/internal/logs"
)

// options are the flags of yurthub that change what the stand-in does.
type options struct {
	bindAddress, proxyAddress, servePort, proxyPort string
	proxySecurePort, multiplexerPort, nodeIP        string
	bootstrapMode, bootstrapFile                    string
	serverAddr, nodeName, nodePoolName, workingMode string
	joinToken, certOrganizations, certMode          string
	kubeletCA, kubeletPair, rootDir, diskCachePath  string
	lbMode, dummyIP, dummyName                      string
	failedRetry, healthyThreshold, heartbeatTimeout int
	maxInFlight                                     int
	kubeletGrace                                    time.Duration
	enableDummyIf, enableIptables                   bool
	accessThroughHub, filterResources               bool
	disabledFilters                                 []string

	servers []*url.URL
}

// misuse is what the real program exits with when it cannot read its command line: cobra's error becomes a panic.
const misuse = 2

func readOptions(args []string) *options {
	if modern() {
		return readModernOptions(args)
	}
	o := &options{}
	f := flags.New("yurthub", false)
	f.StringVar(&o.bindAddress, "bind-address", "127.0.0.1", "address of the hub's own listeners")
	f.StringVar(&o.servePort, "serve-port", "10267", "port for healthz, metrics and token")
	f.StringVar(&o.proxyPort, "proxy-port", "10261", "port of the http proxy")
	f.StringVar(&o.proxySecurePort, "proxy-secure-port", "10268", "port of the https proxy")
	f.StringVar(&o.serverAddr, "server-addr", "", "API servers, comma separated")
	f.StringVar(&o.nodeName, "node-name", "", "name of the node")
	f.StringVar(&o.nodePoolName, "nodepool-name", "", "name of the node pool")
	f.StringVar(&o.workingMode, "working-mode", "edge", "edge or cloud")
	f.StringVar(&o.joinToken, "join-token", "", "bootstrap token")
	f.StringVar(&o.certOrganizations, "hub-cert-organizations", "", "more organizations for the client certificate")
	f.StringVar(&o.certMode, "cert-mgr-mode", "hubself", "certificate manager")
	f.StringVar(&o.kubeletCA, "kubelet-ca-file", "/etc/kubernetes/pki/ca.crt", "CA file of the kubelet")
	f.StringVar(&o.kubeletPair, "kubelet-client-certificate", "/var/lib/kubelet/pki/kubelet-client-current.pem",
		"client pair of the kubelet")
	f.StringVar(&o.rootDir, "root-dir", "/var/lib/yurthub", "where the hub keeps its files")
	f.StringVar(&o.diskCachePath, "disk-cache-path", "/etc/kubernetes/cache/", "where answers are cached")
	f.StringVar(&o.lbMode, "lb-mode", "rr", "rr or priority")
	f.StringVar(&o.dummyIP, "dummy-if-ip", "169.254.2.1", "address of the dummy interface")
	f.StringVar(&o.dummyName, "dummy-if-name", "yurthub-dummy0", "name of the dummy interface")
	f.IntVar(&o.failedRetry, "heartbeat-failed-retry", 3, "tries per heartbeat")
	f.IntVar(&o.healthyThreshold, "heartbeat-healthy-threshold", 2, "heartbeats until a server counts as back")
	f.IntVar(&o.heartbeatTimeout, "heartbeat-timeout-seconds", 2, "timeout of a heartbeat")
	f.IntVar(&o.maxInFlight, "max-requests-in-flight", 250, "requests served at once")
	f.DurationVar(&o.kubeletGrace, "kubelet-health-grace-period", 40*time.Second, "silence after which the kubelet is dead")
	f.BoolVar(&o.enableDummyIf, "enable-dummy-if", true, "use the dummy interface")
	f.BoolVar(&o.enableIptables, "enable-iptables", true, "set iptables rules for it")
	f.BoolVar(&o.accessThroughHub, "access-server-through-hub", true, "send pods through the hub")
	f.BoolVar(&o.filterResources, "enable-resource-filter", true, "rewrite answers")
	f.List(&o.disabledFilters, "disabled-resource-filters", "filters left out")
	f.Int("gc-frequency", 120, "accepted, without effect in the stand-in")
	f.Bool("profiling", true, "accepted, without effect in the stand-in")
	f.MustParse(args, misuse)
	if f.ShowVersion {
		fmt.Println("yurthub: v0.6.1 (stand-in)")
		os.Exit(0)
	}
	logs.SetVerbosity(f.Verbosity)
	o.proxyAddress = o.bindAddress
	return o
}

func (o *options) edge() bool { return o.workingMode == "edge" }

// validate refuses what the real hub refuses.
func (o *options) validate() error {
	if modern() {
		return o.validateModern()
	}
	switch {
	case o.nodeName == "":
		return errors.New("no --node-name")
	case o.serverAddr == "":
		return errors.New("no --server-addr")
	case o.lbMode != "rr" && o.lbMode != "priority":
		return fmt.Errorf("--lb-mode %q is neither rr nor priority", o.lbMode)
	case o.certMode != "hubself":
		return fmt.Errorf("--cert-mgr-mode %q is not hubself", o.certMode)
	case o.workingMode != "edge" && o.workingMode != "cloud":
		return fmt.Errorf("--working-mode %q is neither edge nor cloud", o.workingMode)
	}
	return o.complete()
}

// complete checks what both generations check, and fills in servers.
func (o *options) complete() error {
	if err := checkDummyIP(o.dummyIP); err != nil {
		return err
	}
	var err error
	if o.servers, err = parseServers(o.serverAddr); err != nil {
		return err
	}
	if o.filterEnabled(masterServiceFilter) {
		if _, _, err := net.SplitHostPort(o.masterServiceAddr()); err != nil {
			return fmt.Errorf("no address for the kubernetes Service: %w", err)
		}
	}
	return nil
}

// parseServers wants https everywhere. An address without a scheme and without a port passes, with an empty host, as
// it does in the real hub.
func parseServers(list string) ([]*url.URL, error) {
	var servers []*url.URL
	for _, item := range strings.Split(list, ",") {
		server, err := url.Parse(item)
		if err != nil {
			return nil, err
		}
		if server.Scheme == "" {
			server.Scheme = "https"
		}
		if server.Scheme != "https" {
			return nil, fmt.Errorf("--server-addr %q: only https is possible", item)
		}
		servers = append(servers, server)
	}
	return servers, nil
}

func checkDummyIP(text string) error {
	ip := net.ParseIP(text).To4()
	if ip == nil || ip[0] != 169 || ip[1] != 254 {
		return fmt.Errorf("--dummy-if-ip %q is not in 169.254.0.0/16", text)
	}
	if ip[2] == 31 || text == "169.254.1.1" {
		return fmt.Errorf("--dummy-if-ip %q is reserved", text)
	}
	return nil
}

// masterServiceAddr is what the kubernetes Service is rewritten to for the kubelet: the hub's https proxy, or the
// first API server when pods shall not go through the hub.
func (o *options) masterServiceAddr() string {
	switch {
	case !o.accessThroughHub:
		return o.servers[0].Host
	case o.enableDummyIf:
		return net.JoinHostPort(o.dummyIP, o.proxySecurePort)
	default:
		return net.JoinHostPort(o.proxyAddress, o.proxySecurePort)
	}
}

const masterServiceFilter = "masterservice"

func (o *options) filterEnabled(name string) bool {
	if !o.filterResources || len(o.disabledFilters) == 1 && o.disabledFilters[0] == "*" {
		return false
	}
	for _, disabled := range o.disabledFilters {
		if disabled == name {
			return false
		}
	}
	return true
}
