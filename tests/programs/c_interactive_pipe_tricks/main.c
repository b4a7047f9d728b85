#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void) {
    fcntl(0, F_SETPIPE_SZ, 4096);
    fcntl(1, F_SETPIPE_SZ, 4096);
    fcntl(0, F_SETFL, O_NONBLOCK);
    fcntl(1, F_SETFL, O_NONBLOCK);
    close(0);
    if (write(1, "7\n", 2) != 2) return 1;
    return 0;
}
