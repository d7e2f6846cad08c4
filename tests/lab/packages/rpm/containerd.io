Summary: containerd and runc
Requires: container-selinux >= 2:2.74, libseccomp
Provides: containerd, runc
Conflicts: containerd, runc
Obsoletes: containerd

%post
if [ $1 -eq 1 ]; then
    systemctl preset containerd.service >/dev/null 2>&1 || :
fi

%preun
if [ $1 -eq 0 ]; then
    systemctl --no-reload disable containerd.service >/dev/null 2>&1 || :
    systemctl stop containerd.service >/dev/null 2>&1 || :
fi

%postun
systemctl daemon-reload >/dev/null 2>&1 || :
if [ $1 -ge 1 ]; then
    systemctl try-restart containerd.service >/dev/null 2>&1 || :
fi
