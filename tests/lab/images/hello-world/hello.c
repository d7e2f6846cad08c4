/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lab's hello-world: says that an engine can pull an image and run it. */
#include <stdio.h>

int main(void)
{
    puts("Hello from the dockfleet lab!");
    puts("This engine pulled the image library/hello-world and ran it.");
    return 0;
}
