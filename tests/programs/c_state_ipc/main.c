#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    const key_t key = 0x5eed;
    if (getchar() == 'p') {
        shmget(key, 4096, IPC_CREAT | 0666);
        semget(key, 1, IPC_CREAT | 0666);
        msgget(key, IPC_CREAT | 0666);
        mq_open("/left-behind", O_CREAT | O_RDWR, 0666, NULL);
        shm_open("/left-behind", O_CREAT | O_RDWR, 0666);
        syscall(SYS_add_key, "user", "left-behind", "answer", 6, -3);
        syscall(SYS_add_key, "user", "left-behind", "answer", 6, -4);
        puts("planted");
        return 0;
    }
    printf("%d %d %d\n", shmget(key, 0, 0), semget(key, 0, 0), msgget(key, 0));
    printf("%d %d\n", (int)mq_open("/left-behind", O_RDONLY), shm_open("/left-behind", O_RDONLY, 0));
    printf("%ld\n", syscall(SYS_request_key, "user", "left-behind", NULL, 0));
    return 0;
}
