#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void claim(const char *text)
{
    int file = open("/proc/self/oom_score_adj", O_WRONLY);
    if (file >= 0 && write(file, text, strlen(text)) < 0)
        close(file);
}

int main(void)
{
    char place[256] = "";
    int jailed = getcwd(place, sizeof place) != NULL && strncmp(place, "/box", 4) == 0;

    alarm(20);
    if (jailed) {
        claim("0");
        claim("-1000");
        for (int i = 0; i < 8; i++)
            if (fork() == 0) {
                claim("1000");
                pause();
            }
        mlockall(MCL_CURRENT | MCL_FUTURE);
        for (;;) {
            char *block = malloc(1 << 20);
            if (block != NULL)
                memset(block, 1, 1 << 20);
        }
    }
    for (;;)
        pause();
}
