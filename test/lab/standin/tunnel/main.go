// Command tunnel is the lab's stand-in for OpenYurt's yurt-tunnel-server and yurt-tunnel-agent v0.6.1; the name it is
// started under says which. There is no tunnel in it: it takes the flags, serves the meta port and stays up.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"yurt-ssh-standin/internal/flags"
	"yurt-ssh-standin/internal/logs"
)

// misuse is what the real programs exit with on a command line they cannot read.
const misuse = 255

// authority is the file that the real agent takes the server's CA from, whatever kubeconfig it has.
const authority = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"

func main() {
	name := "yurt-tunnel-server"
	if strings.Contains(filepath.Base(os.Args[0]), "agent") {
		name = "yurt-tunnel-agent"
	}
	fmt.Printf("yurt-ssh lab stand-in for %s, not OpenYurt\n", name)
	address := readAddress(name, os.Args[1:])
	if _, err := os.Stat(authority); name == "yurt-tunnel-agent" && err != nil {
		fmt.Fprintf(os.Stderr, "Error: CA file(%s) doesn't exist\n", authority)
		os.Exit(misuse)
	}
	http.HandleFunc("/metrics", func(writer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(writer, "# the stand-in has no metrics")
	})
	logs.Infof("serving metrics on %s", address)
	logs.Errorf("%v", http.ListenAndServe(address, nil))
	select {}
}

// readAddress parses the flags of the named program and returns the address of its meta port.
func readAddress(name string, args []string) string {
	f := flags.New(name, false)
	f.Ignore("cert-dir", "kube-config")
	var host, port *string
	if name == "yurt-tunnel-agent" {
		f.Ignore("agent-identifiers", "apiserver-addr", "node-ip", "node-name", "tunnelserver-addr")
		host, port = f.String("meta-host", "127.0.0.1", "address of the meta port"), f.String("meta-port", "10266", "meta port")
	} else {
		f.Ignore("bind-address", "cert-dns-names", "cert-ips", "dns-sync-period", "egress-selector-enable!",
			"enable-dns-controller!", "enable-iptables!", "insecure-port", "iptables-sync-period", "proxy-strategy",
			"secure-port", "server-count", "tunnel-agent-connect-port")
		host = f.String("insecure-bind-address", "127.0.0.1", "address of the meta port")
		port = f.String("meta-port", "10265", "meta port")
	}
	f.MustParse(args, misuse)
	if f.ShowVersion {
		fmt.Printf("%s: v0.6.1 (stand-in)\n", name)
		os.Exit(0)
	}
	logs.SetVerbosity(f.Verbosity)
	return net.JoinHostPort(*host, *port)
}
