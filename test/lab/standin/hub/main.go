// Command yurthub is the lab's stand-in for OpenYurt's yurthub, v0.6.1 or v1.7.0. It is not OpenYurt; see ../README.md
// for what it imitates and what it leaves out.
package main

import (
	"fmt"
	"os"

	"yurt-ssh-standin/internal/logs"
)

const banner = "yurt-ssh lab stand-in for yurthub, not OpenYurt"

// release is which yurthub this one stands in for; the linker sets it.
var release = "v0.6.1"

func modern() bool { return release != "v0.6.1" }

func main() {
	fmt.Println(banner)
	opts := readOptions(os.Args[1:])
	if err := opts.validate(); err != nil {
		logs.Fatalf("options: %v", err)
	}
	start := run
	if modern() {
		start = runModern
	}
	if err := start(opts, firstStart()); err != nil {
		logs.Fatalf("yurthub: %v", err)
	}
}

// run goes through the same stages, in the same order, as the real hub: nothing listens before both certificates
// are there, and the network is made last.
func run(opts *options, pace pace) error {
	stop := onTerminate()
	identity, err := newIdentity(opts, pace)
	if err != nil {
		return err
	}
	identity.start()
	if err := identity.waitForClientCertificate(pace); err != nil {
		return err
	}
	upstream, err := newUpstream(identity.caFile(), identity.client.Current)
	if err != nil {
		return err
	}
	store := newDiskCache(opts.diskCachePath)
	metrics := newMetrics()
	health := newHealth(opts, upstream, store, metrics)
	go health.loop(stop)

	secure, err := serverTLS(serverManager(opts, identity), identity.caFile(), pace)
	if err != nil {
		return err
	}
	proxy := newProxy(opts, upstream, health, store, metrics)
	if opts.enableDummyIf {
		network, err := newNetwork(opts)
		if err != nil {
			return err
		}
		go network.keep(stop, func() {})
	}
	if opts.edge() {
		go followSettings(opts, proxy.cache)
	}
	return serve(opts, proxy, secure, ownHandler(identity.setToken, nil, metrics))
}
