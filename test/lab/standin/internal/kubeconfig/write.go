package kubeconfig

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Names are the three names and the namespace in a kubeconfig with a single context.
type Names struct{ Cluster, User, Context, Namespace string }

// Render returns a kubeconfig with one cluster, one user and one context.
func Render(names Names, cluster Cluster, user User) []byte {
	var b strings.Builder
	field := func(indent, key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s%s: %s\n", indent, key, value)
		}
	}
	b.WriteString("apiVersion: v1\nclusters:\n- cluster:\n")
	field("    ", "certificate-authority-data", base64.StdEncoding.EncodeToString(cluster.CAData))
	field("    ", "server", cluster.Server)
	fmt.Fprintf(&b, "  name: %s\ncontexts:\n- context:\n", names.Cluster)
	field("    ", "cluster", names.Cluster)
	field("    ", "namespace", names.Namespace)
	field("    ", "user", names.User)
	fmt.Fprintf(&b, "  name: %s\ncurrent-context: %s\nkind: Config\npreferences: {}\nusers:\n- name: %s\n",
		names.Context, names.Context, names.User)
	if user.Token == "" && user.CertFile == "" {
		b.WriteString("  user: {}\n")
		return []byte(b.String())
	}
	b.WriteString("  user:\n")
	field("    ", "client-certificate", user.CertFile)
	field("    ", "client-key", user.KeyFile)
	field("    ", "token", user.Token)
	return []byte(b.String())
}

// WriteFile replaces path with content, mode 0600, creating its directory 0755.
func WriteFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	draft := filepath.Join(filepath.Dir(path), "tmp_"+filepath.Base(path))
	if err := os.WriteFile(draft, content, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, path)
}
