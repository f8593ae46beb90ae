package main

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	"yurt-ssh-standin/internal/logs"
)

// network is the dummy interface and the rules that keep connection tracking away from the hub's ports.
type network struct {
	opts *options
	made bool
}

// newNetwork makes the interface, or takes one of that name, and sets the rules. Only the interface must succeed.
func newNetwork(opts *options) (*network, error) {
	n := &network{opts: opts}
	return n, n.ensure()
}

func (n *network) ensure() error {
	if err := n.ensureInterface(); err != nil {
		return err
	}
	if n.opts.enableIptables {
		for _, rule := range iptablesRules(n.opts.dummyIP, n.opts.proxyPort, n.opts.proxySecurePort) {
			if command("iptables", append([]string{"-w", "-t", rule.table, "-C", rule.chain}, rule.match...)...) == nil {
				continue
			}
			if err := command("iptables", append([]string{"-w", "-t", rule.table, "-I", rule.chain}, rule.match...)...); err != nil {
				logs.Errorf("%v", err)
			}
		}
	}
	return nil
}

func (n *network) ensureInterface() error {
	link, err := net.InterfaceByName(n.opts.dummyName)
	if err != nil {
		if err := command("ip", "link", "add", n.opts.dummyName, "type", "dummy"); err != nil {
			return err
		}
		n.made = true
	} else if addresses, err := link.Addrs(); err == nil {
		for _, address := range addresses {
			if ip, _, err := net.ParseCIDR(address.String()); err == nil && ip.String() == n.opts.dummyIP {
				return nil
			}
		}
	}
	return command("ip", "address", "replace", n.opts.dummyIP+"/32", "dev", n.opts.dummyName)
}

// keep repairs interface and rules every minute until stop, removes them then, and calls cleaned.
func (n *network) keep(stop <-chan struct{}, cleaned func()) {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := n.ensure(); err != nil {
				logs.Errorf("%v", err)
			}
		case <-stop:
			n.clean()
			cleaned()
			return
		}
	}
}

// clean removes the rules and the interface. Like the real one the hub of v1.7.0 deletes whatever has the name, and the
// lab's keeper makes the bridge again; the one of v0.6.1 deletes what this process made.
func (n *network) clean() {
	if n.opts.enableIptables {
		for _, rule := range iptablesRules(n.opts.dummyIP, n.opts.proxyPort, n.opts.proxySecurePort) {
			if err := command("iptables", append([]string{"-w", "-t", rule.table, "-D", rule.chain}, rule.match...)...); err != nil {
				logs.Errorf("%v", err)
			}
		}
	}
	if n.made || modern() {
		if err := command("ip", "link", "delete", n.opts.dummyName); err != nil {
			logs.Errorf("%v", err)
		}
	}
}

func command(name string, arguments ...string) error {
	output, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %v %s", name, strings.Join(arguments, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
